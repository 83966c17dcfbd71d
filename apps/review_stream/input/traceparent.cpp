#include <apps/review_stream/input/traceparent.hpp>

#include <apps/review_stream/text/csv.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace weir::reviews {

namespace {

constexpr std::string_view name = "traceparent";

std::string of_json(std::string_view text) {
  namespace json = boost::json;
  unsigned char memory[16384];
  json::monotonic_resource pool{memory, sizeof memory};
  json::error_code code;
  const json::value root = json::parse({text.data(), text.size()}, code, &pool, {.max_depth = 32});
  const auto* object = code ? nullptr : root.if_object();
  const auto* found = object != nullptr ? object->if_contains({name.data(), name.size()}) : nullptr;
  const auto* value = found != nullptr ? found->if_string() : nullptr;
  return value != nullptr ? std::string{value->data(), value->size()} : std::string{};
}

std::string of_table(const actors::text_line& row) {
  std::vector<std::string> names;
  std::vector<std::string> cells;
  if (!csv_reader{row.header.view(), row.separator}.next(names) ||
      !csv_reader{row.text, row.separator}.next(cells))
    return {};
  const auto column = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  return column < cells.size() ? cells[column] : std::string{};
}

} // namespace

std::string traceparent_of(const actors::text_line& row) {
  if (row.format != actors::row_format::lines)
    return row.header.view().find(name) == std::string_view::npos ? std::string{} : of_table(row);
  return std::string_view{row.text}.find(name) == std::string_view::npos ? std::string{} : of_json(row.text);
}

} // namespace weir::reviews
