#include <apps/review_stream/input/parse_review.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utf8proc.h>

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

/// "2026-05-04", or with "THH:MM", seconds, fraction and zone behind it. Ranges of the date are checked.
bool looks_like_iso_8601(std::string_view text) {
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

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  for (utf8proc_int32_t point = 0; left > 0;) {
    const auto n = utf8proc_iterate(at, left, &point);
    if (n < 0)
      return false;
    at += n;
    left -= n;
  }
  return true;
}

class reader {
 public:
  explicit reader(const actors::text_line& line) : line_(line) {}

  error wrong(std::string what, std::string_view field, std::string fix) const {
    std::string where = line_.where();
    if (!field.empty())
      where += ", field '" + std::string{field} + "'";
    return permanent(std::move(what), std::move(where), std::move(fix));
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

result<review> parse_review(const actors::text_line& line) {
  reader in{line};
  unsigned char memory[16384]; // most reviews need no other
  json::monotonic_resource pool{memory, sizeof memory};
  json::error_code code;
  const json::value root = json::parse(line.text, code, &pool, {.max_depth = 32});
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
  json::object extra;
  for (const auto& [key, value] : *object) {
    if (key == "id") {
      has_id = true;
      if (value.is_int64() || value.is_uint64())
        r.id = json::serialize(value);
      else
        in.text_field(value, "id", r.id, true);
    } else if (key == "text") {
      has_text = true;
      in.text_field(value, "text", r.text, true);
    } else if (key == "product") {
      in.text_field(value, "product", r.product, false);
    } else if (key == "title") {
      in.text_field(value, "title", r.title, false);
    } else if (key == "category") {
      in.text_field(value, "category", r.category, false);
    } else if (key == "lang") {
      in.text_field(value, "lang", r.language, false);
    } else if (key == "ts") {
      in.text_field(value, "ts", r.ts, false);
      if (!r.ts.empty() && !looks_like_iso_8601(r.ts))
        in.fail(in.wrong("'ts' is not a time: \"" + r.ts.substr(0, 40) + "\"", "ts",
                         "use ISO 8601, such as 2026-05-04T12:30:00Z"));
    } else if (key == "rating") {
      if (value.is_number())
        r.rating = value.to_number<double>();
      else if (!value.is_null())
        in.fail(in.wrong("'rating' is " + std::string{kind_of(value)} + ", not a number", "rating",
                         "give a number, null, or leave it out"));
    } else {
      extra.emplace(key, value);
    }
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
