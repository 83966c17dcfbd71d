#include <apps/review_stream/input/parse_review.hpp>

#include <weir/base/utf8.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include <string_view>
#include <utility>

namespace weir::reviews {

namespace json = boost::json;

namespace {

std::string_view kind_of(const json::value& v) {
  switch (v.kind()) {
  case json::kind::null:
    return "null";
  case json::kind::bool_:
    return "true or false";
  case json::kind::int64:
  case json::kind::uint64:
  case json::kind::double_:
    return "a number";
  case json::kind::string:
    return "a string";
  case json::kind::array:
    return "an array";
  case json::kind::object:
    return "an object";
  }
  return "something else";
}

class reader {
 public:
  explicit reader(const actors::text_line& line) : line_(line) {}

  error wrong(std::string what, std::string_view name, std::string fix) const {
    return detail::wrong_field(line_, std::move(what), name, std::move(fix));
  }

  /// Takes a string field. Wrong type: error_ is set.
  void text_field(const json::value& v, std::string_view name, std::string& to, bool required) {
    if (const auto* s = v.if_string())
      to.assign(s->data(), s->size());
    else if (!v.is_null() || required)
      fail(wrong("'" + std::string{name} + "' is " + std::string{kind_of(v)} + ", not a string", name,
                 "give a string" + std::string{required ? "" : ", null, or leave it out"}));
  }
  void fail(error why) {
    if (!error_)
      error_ = std::move(why);
  }
  std::optional<error>& failure() { return error_; }

 private:
  const actors::text_line& line_;
  std::optional<error> error_;
};

} // namespace

namespace detail {

bool looks_like_iso_8601(std::string_view text) noexcept {
  const auto digits = [&](std::size_t at, std::size_t n) {
    if (at + n > text.size())
      return -1;
    int value = 0;
    for (std::size_t i = at; i < at + n; ++i) {
      if (text[i] < '0' || text[i] > '9')
        return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  const int month = digits(5, 2);
  const int day = digits(8, 2);
  if (digits(0, 4) < 0 || text.size() < 10 || text[4] != '-' || text[7] != '-' || month < 1 || month > 12 ||
      day < 1 || day > 31)
    return false;
  if (text.size() == 10)
    return true;
  return (text[10] == 'T' || text[10] == ' ') && text.size() >= 16 && digits(11, 2) >= 0 &&
         digits(11, 2) < 24 && text[13] == ':' && digits(14, 2) >= 0 && digits(14, 2) < 60;
}

error wrong_field(const actors::text_line& line, std::string what, std::string_view field, std::string fix) {
  std::string where = line.where();
  if (!field.empty())
    where += ", field '" + std::string{field} + "'";
  return permanent(std::move(what), std::move(where), std::move(fix));
}

error wrong_time(const actors::text_line& line, std::string_view ts) {
  return wrong_field(line, "'ts' is not a time: \"" + std::string{ts.substr(0, 40)} + "\"", "ts",
                     "use ISO 8601, such as 2026-05-04T12:30:00Z");
}

} // namespace detail

result<review> parse_json_review(const actors::text_line& line, const field_map& fields) {
  reader in{line};
  unsigned char memory[16384]; // most reviews need no other
  json::monotonic_resource pool{memory, sizeof memory};
  unsigned char scratch[2048]; // what the parser keeps while it is inside an object
  json::parser parser{{}, {.max_depth = 32}, scratch, sizeof scratch};
  parser.reset(&pool);
  json::error_code code;
  parser.write(line.text, code);
  const json::value root = code ? json::value{} : parser.release();
  if (code)
    return is_utf8(line.text) ? in.wrong("broken JSON: " + code.message(), {}, "write one JSON object a line")
                              : in.wrong("the line is not valid UTF-8", {},
                                         "convert the file to UTF-8, for instance with iconv");
  const auto* object = root.if_object();
  if (object == nullptr)
    return in.wrong("the line is " + std::string{kind_of(root)} + ", not a JSON object", {},
                    R"(write reviews as {"id": "…", "text": "…"})");
  review r;
  bool has_id = false;
  bool has_text = false;
  json::object extra{&pool};
  for (const auto& [key, value] : *object) {
    const auto what = fields.of({key.data(), key.size()});
    if (!what) {
      extra.emplace(key, value);
      continue;
    }
    switch (*what) {
    case field::id:
      has_id = true;
      if (value.is_int64() || value.is_uint64())
        r.id = json::serialize(value);
      else
        in.text_field(value, key, r.id, true);
      break;
    case field::text:
      has_text = true;
      in.text_field(value, key, r.text, true);
      break;
    case field::product:
      in.text_field(value, key, r.product, false);
      break;
    case field::title:
      in.text_field(value, key, r.title, false);
      break;
    case field::category:
      in.text_field(value, key, r.category, false);
      break;
    case field::lang:
      in.text_field(value, key, r.language, false);
      break;
    case field::ts:
      in.text_field(value, key, r.ts, false);
      if (!r.ts.empty() && !detail::looks_like_iso_8601(r.ts))
        in.fail(detail::wrong_time(line, r.ts));
      break;
    case field::rating:
      if (value.is_number())
        r.rating = value.to_number<double>();
      else if (!value.is_null())
        in.fail(in.wrong("'rating' is " + std::string{kind_of(value)} + ", not a number", "rating",
                         "give a number, null, or leave it out"));
      break;
    }
  }
  if (!has_id && fields.id_from_line()) {
    r.id = line.where();
    has_id = true;
  }
  if (!has_id)
    in.fail(in.wrong("the review has no 'id'", "id", "give each review a unique id"));
  else if (r.id.empty() && !in.failure())
    in.fail(in.wrong("the review's 'id' is empty", "id", "give each review a unique id"));
  if (!has_text)
    in.fail(in.wrong("the review has no 'text'", "text", "give the text, which may be empty"));
  if (in.failure())
    return *std::move(in.failure());
  if (!extra.empty())
    r.extra = json::serialize(extra);
  return r;
}

} // namespace weir::reviews
