#include <apps/review_stream/learning/labelled_rows.hpp>

#include <algorithm>
#include <apps/review_stream/text/csv.hpp>
#include <apps/review_stream/text/file_bytes.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <utility>

namespace weir::reviews {
namespace {

namespace json = boost::json;

struct raw_rows {
  std::vector<labelled_text> rows;
  bool has_label_field = false;
};

std::string at(const std::string& where, std::size_t line) { return where + ":" + std::to_string(line); }

std::string lower(std::string text) {
  for (char& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return text;
}

std::string trimmed(const std::string& text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

bool selected(const row_selection& selection, std::string_view source) {
  return selection.sources.empty() || std::ranges::find(selection.sources, source) != selection.sources.end();
}

std::string text_of(const json::object& row, std::string_view field) {
  const json::value* value = row.if_contains(field);
  if (value == nullptr || value->is_null())
    return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

// "positive" or "negative" when some aspects say so and none says the opposite; else empty.
std::string aspects_label(const json::object& row) {
  bool positive = false;
  bool negative = false;
  const json::value* aspects = row.if_contains("aspects");
  if (aspects == nullptr || !aspects->is_array())
    return {};
  for (const json::value& aspect : aspects->get_array()) {
    if (!aspect.is_object())
      continue;
    const std::string polarity = lower(text_of(aspect.get_object(), "polarity"));
    positive = positive || polarity == "positive" || polarity == "pos";
    negative = negative || polarity == "negative" || polarity == "neg";
  }
  if (positive == negative)
    return {};
  return positive ? "positive" : "negative";
}

result<raw_rows> parse_json_lines(std::string_view bytes, const std::string& where,
                                  const row_selection& selection) {
  raw_rows out;
  json::parse_options options;
  options.allow_invalid_utf8 = true; // real reviews are broken now and then; the tokenizer copes
  std::size_t line = 0;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view text = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    ++line;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    boost::system::error_code failure;
    const json::value value = json::parse(text, failure, {}, options);
    if (failure || !value.is_object())
      return permanent(failure ? "broken JSON: " + failure.message() : "not a JSON object", at(where, line),
                       "every line must be one JSON object");
    const json::object& row = value.get_object();
    if (!row.contains(selection.text_field))
      return permanent("no field '" + selection.text_field + "'", at(where, line),
                       "name the field that holds the text with --text-field");
    out.has_label_field = out.has_label_field || row.contains(selection.label_field);
    std::string source = text_of(row, "source");
    if (!selected(selection, source))
      continue;
    std::string label = trimmed(text_of(row, selection.label_field));
    if (label.empty() && selection.label_from_aspects)
      label = aspects_label(row);
    out.rows.push_back({text_of(row, "id"), text_of(row, selection.title_field),
                        text_of(row, selection.text_field), std::move(label), std::move(source),
                        text_of(row, "lang"), line});
  }
  return out;
}

result<raw_rows> parse_table(std::string_view bytes, char separator, const std::string& where,
                             const row_selection& selection) {
  csv_reader reader(bytes, separator);
  std::vector<std::string> row;
  reader.next(row);
  const auto column = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto found = std::ranges::find(row, name);
    if (found == row.end())
      return std::nullopt;
    return static_cast<std::size_t>(found - row.begin());
  };
  const auto id = column("id"), title = column(selection.title_field), text = column(selection.text_field),
             label = column(selection.label_field), source = column("source"), language = column("lang");
  if (!text)
    return permanent("no column '" + selection.text_field + "' in the header", at(where, 1),
                     "name the column that holds the text with --text-field");
  raw_rows out;
  out.has_label_field = label.has_value();
  const std::size_t columns = row.size();
  while (reader.next(row)) {
    if (row.size() != columns)
      return permanent(std::to_string(row.size()) + " fields where the header has " + std::to_string(columns),
                       at(where, reader.line()), "quote fields that hold the separator or a line end");
    const auto field = [&](const std::optional<std::size_t>& at_column) {
      return at_column ? std::move(row[*at_column]) : std::string();
    };
    std::string from = field(source);
    if (!selected(selection, from))
      continue;
    out.rows.push_back({field(id), field(title), field(text), trimmed(field(label)), std::move(from),
                        field(language), reader.line()});
  }
  if (reader.unclosed_quote())
    return permanent("a quoted field is not closed", at(where, reader.line()),
                     "close the quote or double it inside");
  return out;
}

} // namespace

result<std::vector<labelled_text>> parse_labelled_texts(std::string_view bytes, const std::string& where,
                                                        const row_selection& selection) {
  if (bytes.starts_with("\xef\xbb\xbf"))
    bytes.remove_prefix(3); // byte order mark
  const std::size_t start = bytes.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos)
    return permanent("no rows", where, "give a file with labelled reviews");
  const bool tabs = bytes.substr(0, bytes.find('\n')).find('\t') != std::string_view::npos;
  auto raw = bytes[start] == '{' ? parse_json_lines(bytes, where, selection)
                                 : parse_table(bytes, tabs ? '\t' : ',', where, selection);
  if (!raw)
    return std::move(raw).error();
  if (!raw->has_label_field && !raw->rows.empty())
    return permanent("no field '" + selection.label_field + "' with the label", where,
                     "name the field that holds the label with --label-field");
  return std::move(raw->rows);
}

result<std::vector<labelled_text>> read_labelled_texts(const std::filesystem::path& file,
                                                       const row_selection& selection) {
  auto bytes = read_file_bytes(file);
  if (!bytes)
    return std::move(bytes).error();
  return parse_labelled_texts(*bytes, file.string(), selection);
}

std::size_t count_unlabelled(std::span<const labelled_text> rows) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [](const labelled_text& row) { return row.label.empty(); }));
}

} // namespace weir::reviews
