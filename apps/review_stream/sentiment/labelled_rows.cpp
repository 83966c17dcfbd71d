#include <apps/review_stream/sentiment/labelled_rows.hpp>

#include <algorithm>
#include <apps/review_stream/text/csv.hpp>
#include <apps/review_stream/text/file_bytes.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace weir::reviews {
namespace {

namespace json = boost::json;

// A label as it stands in the file. Numbers wait until the whole file says whether they are stars or 0 and 1.
struct raw_label {
  std::string text;
  std::size_t line = 0;
};

std::optional<sentiment_label> named(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  if (lower == "positive" || lower == "pos")
    return sentiment_label::positive;
  if (lower == "negative" || lower == "neg")
    return sentiment_label::negative;
  if (lower == "neutral" || lower == "neu")
    return sentiment_label::neutral;
  if (lower.empty() || lower == "null" || lower == "unknown")
    return sentiment_label::unknown;
  return std::nullopt;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<sentiment_label> from_number(double value, bool binary) {
  if (binary) {
    if (value != 0 && value != 1)
      return std::nullopt;
    return value == 1 ? sentiment_label::positive : sentiment_label::negative;
  }
  if (!(value >= 1 && value <= 5))
    return std::nullopt;
  if (value <= 2.5)
    return sentiment_label::negative;
  return value < 3.5 ? sentiment_label::neutral : sentiment_label::positive;
}

std::string at(const std::string& where, std::size_t line) { return where + ":" + std::to_string(line); }

struct raw_rows {
  std::vector<labelled_review> rows;
  std::vector<raw_label> labels; // one a row
  bool has_label_field = false;
};

result<std::vector<labelled_review>> resolve(raw_rows raw, const std::string& where,
                                             const row_selection& selection) {
  if (!raw.has_label_field && !raw.rows.empty())
    return permanent("no field '" + selection.label_field + "' with the label", where,
                     "name the field that holds the label with --label-field");
  const bool binary =
      std::ranges::any_of(raw.labels, [](const raw_label& l) { return number(l.text) == 0.0; });
  for (std::size_t i = 0; i < raw.rows.size(); ++i) {
    std::optional<sentiment_label> label = named(raw.labels[i].text);
    if (!label)
      if (const auto value = number(raw.labels[i].text))
        label = from_number(*value, binary);
    if (!label)
      return permanent("'" + raw.labels[i].text.substr(0, 40) + "' is no label",
                       at(where, raw.labels[i].line),
                       "use positive, negative, neutral, stars from 1 to 5, or 0 and 1");
    raw.rows[i].label = *label;
  }
  return std::move(raw.rows);
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
    const auto polarity = named(text_of(aspect.get_object(), "polarity"));
    positive = positive || polarity == sentiment_label::positive;
    negative = negative || polarity == sentiment_label::negative;
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
    out.rows.push_back({text_of(row, "id"), text_of(row, selection.title_field),
                        text_of(row, selection.text_field), sentiment_label::unknown, std::move(source),
                        text_of(row, "lang")});
    std::string label = text_of(row, selection.label_field);
    if (label.empty() && selection.label_from_aspects)
      label = aspects_label(row);
    out.labels.push_back({std::move(label), line});
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
    out.labels.push_back({field(label), reader.line()});
    out.rows.push_back(
        {field(id), field(title), field(text), sentiment_label::unknown, std::move(from), field(language)});
  }
  if (reader.unclosed_quote())
    return permanent("a quoted field is not closed", at(where, reader.line()),
                     "close the quote or double it inside");
  return out;
}

} // namespace

result<std::vector<labelled_review>> parse_labelled(std::string_view bytes, const std::string& where,
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
  return resolve(*std::move(raw), where, selection);
}

result<std::vector<labelled_review>> read_labelled(const std::filesystem::path& file,
                                                   const row_selection& selection) {
  auto bytes = read_file_bytes(file);
  if (!bytes)
    return std::move(bytes).error();
  return parse_labelled(*bytes, file.string(), selection);
}

result<std::vector<labelled_review>> read_lexicon(const std::filesystem::path& folder) {
  std::error_code failure;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator i(folder, failure), end; !failure && i != end;
       i.increment(failure))
    if (i->path().extension() == ".tsv")
      files.push_back(i->path());
  if (failure || files.empty())
    return permanent("no word lists (*.tsv)", folder.string(),
                     "name their folder with --lexicon, or use --no-lexicon");
  std::ranges::sort(files); // the model must not depend on the order of the folder
  std::vector<labelled_review> rows;
  for (const auto& file : files) {
    const auto bytes = read_file_bytes(file);
    if (!bytes)
      return bytes.error();
    std::size_t line = 0;
    for (std::string_view rest = *bytes; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view text = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++line;
      if (!text.empty() && text.back() == '\r')
        text.remove_suffix(1);
      if (text.empty() || text.front() == '#')
        continue;
      const std::size_t tab = text.find('\t');
      const auto label = tab == std::string_view::npos ? std::nullopt : named(text.substr(tab + 1));
      if (!label || *label == sentiment_label::unknown)
        return permanent("not a term, a tab and positive or negative", at(file.string(), line),
                         "correct the line");
      rows.push_back({{}, {}, std::string(text.substr(0, tab)), *label, "lexicon", file.stem().string()});
    }
  }
  return rows;
}

} // namespace weir::reviews
