#include <actors/lines/row_format.hpp>

#include <algorithm>
#include <cstddef>

namespace weir::actors {

namespace {

/// A file without a line end in so many bytes is judged by them.
constexpr std::size_t enough_bytes = std::size_t{64} << 10U;

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Takes `extension` (in lower case) off the end of `path` if it is there.
bool take_extension(std::string_view& path, std::string_view extension) noexcept {
  if (path.size() <= extension.size() ||
      !std::ranges::equal(path.substr(path.size() - extension.size()), extension, {}, lower))
    return false;
  path.remove_suffix(extension.size());
  return true;
}

} // namespace

std::optional<row_format> format_of_name(std::string_view path) noexcept {
  if (!take_extension(path, ".gz"))
    take_extension(path, ".zst");
  if (take_extension(path, ".csv"))
    return row_format::csv;
  if (take_extension(path, ".tsv") || take_extension(path, ".tab"))
    return row_format::tsv;
  if (take_extension(path, ".json") || take_extension(path, ".jsonl") || take_extension(path, ".ndjson"))
    return row_format::lines;
  return std::nullopt;
}

std::optional<row_format> format_of_content(std::string_view beginning, bool whole) noexcept {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  whole = whole || beginning.size() >= enough_bytes;
  if (beginning.starts_with(byte_order_mark))
    beginning.remove_prefix(byte_order_mark.size());
  else if (!whole && byte_order_mark.starts_with(beginning))
    return std::nullopt;
  const std::size_t first = beginning.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return whole ? std::optional{row_format::lines} : std::nullopt;
  if (beginning[first] == '{' || beginning[first] == '[')
    return row_format::lines;
  const std::size_t end = beginning.find('\n', first);
  if (end == std::string_view::npos && !whole)
    return std::nullopt;
  // From the start of that line: a first column without a name leaves a tab there.
  const std::size_t before = beginning.rfind('\n', first);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view line = beginning.substr(start, std::min(end, beginning.size()) - start);
  if (line.find('\t') != std::string_view::npos)
    return row_format::tsv;
  return line.find_first_of(",;") != std::string_view::npos ? row_format::csv : row_format::lines;
}

char separator_of(std::string_view header, row_format format) noexcept {
  if (format == row_format::tsv)
    return '\t';
  bool quoted = false;
  std::ptrdiff_t more_semicolons = 0;
  for (const char c : header) {
    if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == ';' || c == ','))
      more_semicolons += c == ';' ? 1 : -1;
  }
  return more_semicolons > 0 ? ';' : ',';
}

} // namespace weir::actors
