#include <apps/review_stream/sentiment/labelled_rows.hpp>

#include <algorithm>
#include <apps/review_stream/text/file_bytes.hpp>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace weir::reviews {
namespace {

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

// Numbers wait until the whole file says whether they are stars or 0 and 1.
result<std::vector<labelled_review>> resolve(std::vector<labelled_text> raw, const std::string& where) {
  const bool binary =
      std::ranges::any_of(raw, [](const labelled_text& row) { return number(row.label) == 0.0; });
  std::vector<labelled_review> rows;
  rows.reserve(raw.size());
  for (labelled_text& row : raw) {
    std::optional<sentiment_label> label = named(row.label);
    if (!label)
      if (const auto value = number(row.label))
        label = from_number(*value, binary);
    if (!label)
      return permanent("'" + row.label.substr(0, 40) + "' is no label", at(where, row.line),
                       "use positive, negative, neutral, stars from 1 to 5, or 0 and 1");
    rows.push_back({std::move(row.id), std::move(row.title), std::move(row.text), *label,
                    std::move(row.source), std::move(row.language)});
  }
  return rows;
}

} // namespace

result<std::vector<labelled_review>> parse_labelled(std::string_view bytes, const std::string& where,
                                                    const row_selection& selection) {
  auto raw = parse_labelled_texts(bytes, where, selection);
  if (!raw)
    return std::move(raw).error();
  return resolve(*std::move(raw), where);
}

result<std::vector<labelled_review>> read_labelled(const std::filesystem::path& file,
                                                   const row_selection& selection) {
  auto raw = read_labelled_texts(file, selection);
  if (!raw)
    return std::move(raw).error();
  return resolve(*std::move(raw), file.string());
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
