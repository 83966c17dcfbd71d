#include <apps/review_stream/input/parse_review.hpp>

#include <apps/review_stream/text/csv.hpp>
#include <weir/base/utf8.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <cmath>
#include <utility>

namespace weir::reviews {

namespace {

/// What the columns of the file now being read mean: worked out once a file and thread.
class known_header {
 public:
  const result<std::vector<std::optional<field>>>& of(const actors::text_line& row, const field_map& fields) {
    const bool same = header_.view().data() == row.header.view().data() && !header_.view().empty() &&
                      separator_ == row.separator && map_ == fields;
    if (!same) {
      header_ = row.header; // held, so that no other header can have its address
      map_ = fields;
      separator_ = row.separator;
      names_.clear();
      csv_reader{row.header.view(), row.separator}.next(names_);
      columns_ = columns_of(names_, fields, std::string{row.file.view()} + ", the header row");
    }
    return columns_;
  }
  const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  actors::shared_text header_;
  field_map map_;
  char separator_ = 0;
  std::vector<std::string> names_;
  result<std::vector<std::optional<field>>> columns_{std::vector<std::optional<field>>{}};
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

} // namespace

result<review> parse_table_review(const actors::text_line& row, const field_map& fields) {
  thread_local known_header known;
  thread_local std::vector<std::string> cells;
  const auto wrong = [&row](std::string what, std::string_view name, std::string fix) {
    return detail::wrong_field(row, std::move(what), name, std::move(fix));
  };
  if (!is_utf8(row.text))
    return wrong("the row is not valid UTF-8", {}, "convert the file to UTF-8, for instance with iconv");
  const auto& columns = known.of(row, fields);
  if (!columns)
    return columns.error();
  csv_reader reader{row.text, row.separator};
  if (!reader.next(cells) || reader.unclosed_quote())
    return wrong("a quoted field is not closed", {}, "close the quote; a quote inside one is doubled");
  if (cells.size() != columns->size())
    return wrong(std::to_string(cells.size()) + " fields where the header has " +
                     std::to_string(columns->size()),
                 {}, "quote fields that hold the separator, a quote or a line end");
  review r;
  boost::json::object extra;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto what = (*columns)[i];
    if (!what) {
      if (!cells[i].empty())
        extra.emplace(known.names()[i], cells[i]);
      continue;
    }
    switch (*what) {
    case field::id:
      r.id = std::move(cells[i]);
      break;
    case field::text:
      r.text = std::move(cells[i]);
      break;
    case field::product:
      r.product = std::move(cells[i]);
      break;
    case field::title:
      r.title = std::move(cells[i]);
      break;
    case field::category:
      r.category = std::move(cells[i]);
      break;
    case field::lang:
      r.language = std::move(cells[i]);
      break;
    case field::ts:
      if (!cells[i].empty() && !detail::looks_like_iso_8601(cells[i]))
        return detail::wrong_time(row, cells[i]);
      r.ts = std::move(cells[i]);
      break;
    case field::rating:
      if (cells[i].empty())
        break;
      r.rating = number(cells[i]);
      if (!r.rating)
        return wrong("'rating' is \"" + cells[i].substr(0, 40) + "\", not a number", "rating",
                     "give a number such as 4 or 4.5, or leave it empty");
      break;
    }
  }
  if (fields.id_from_line())
    r.id = row.where();
  if (r.id.empty())
    return wrong("the review's 'id' is empty", "id", "give each review a unique id");
  if (!extra.empty())
    r.extra = boost::json::serialize(extra);
  return r;
}

} // namespace weir::reviews
