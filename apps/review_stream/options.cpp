#include <apps/review_stream/options.hpp>

#include <charconv>
#include <cmath>
#include <string_view>

namespace weir::reviews {

namespace {

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  for (const auto e : endings)
    if (text.ends_with(e))
      return true;
  return false;
}

/// The scheme of "SCHEME:rest" if there is one; a path may contain colons behind a slash.
std::string_view scheme_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(0, colon).find_first_of("/.") != std::string_view::npos)
    return {};
  return text.substr(0, colon);
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (code != std::errc{} || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return n;
}

} // namespace

std::string without_password(std::string uri) {
  const auto authority = uri.find("://");
  if (authority == std::string::npos)
    return uri;
  const auto end = uri.find('/', authority + 3);
  const auto at = uri.rfind('@', end);
  const auto colon = uri.find(':', authority + 3);
  if (at != std::string::npos && at > authority && colon < at)
    uri.replace(colon + 1, at - colon - 1, "***");
  return uri;
}

result<output_uri> parse_output(const std::string& text) {
  const auto scheme = scheme_of(text);
  const std::string rest = scheme.empty() ? text : text.substr(scheme.size() + 1);
  using kind = output_uri::kind;
  if (rest.empty())
    return permanent("an output without a path: '" + text + "'", "--output",
                     "give a path, such as sqlite:reviews.db");
  if (text == "-")
    return output_uri{kind::json_lines, "-"};
  if (scheme == "sqlite")
    return output_uri{kind::sqlite, rest};
  if (scheme == "jsonl")
    return output_uri{kind::json_lines, rest};
  if (scheme == "csv")
    return output_uri{kind::csv, rest};
  if (scheme.empty() || scheme == "file")
    return output_uri{ends_with_any(rest, {".db", ".sqlite", ".sqlite3"}) ? kind::sqlite
                      : ends_with_any(rest, {".csv"})                     ? kind::csv
                                                                          : kind::json_lines,
                      rest};
  return permanent("unknown kind of output '" + std::string{scheme} + "'",
                   "--output " + without_password(text),
                   "use sqlite:FILE, jsonl:FILE, csv:FILE, a path, or - for standard output");
}

result<std::string> parse_input(const std::string& text) {
  const auto scheme = scheme_of(text);
  if (scheme == "file" && text.size() > 5)
    return text.substr(5);
  if (text.empty() || !scheme.empty())
    return permanent(text.empty() ? "an empty input" : "unknown kind of input '" + std::string{scheme} + "'",
                     "--input " + without_password(text), "use a file, a directory, or - for standard input");
  return text;
}

result<worker_range> parse_workers(const std::string& text) {
  const error wrong = permanent("'" + text + "' is not a number of workers", "--workers",
                                "give a number such as 4, or a range such as 2..10");
  const auto dots = text.find("..");
  const auto min = number(std::string_view{text}.substr(0, dots));
  const auto max = dots == std::string::npos ? min : number(std::string_view{text}.substr(dots + 2));
  if (!min || !max || *min == 0 || *max < *min || *max > 4096)
    return wrong;
  return worker_range{*min, *max};
}

result<duration> parse_duration(const std::string& text) {
  double n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  const error wrong =
      permanent("'" + text + "' is not a duration", {}, "give a number and a unit: 500ms, 30s, 5m, 1h");
  if (code != std::errc{} || n < 0 || !std::isfinite(n))
    return wrong;
  double scale = 0;
  if (unit == "us")
    scale = 1e3;
  else if (unit == "ms")
    scale = 1e6;
  else if (unit == "s")
    scale = 1e9;
  else if (unit == "m" || unit == "min")
    scale = 60e9;
  else if (unit == "h")
    scale = 3600e9;
  else if (!unit.empty() || n != 0)
    return wrong;
  if (n * scale > 9e18)
    return wrong;
  return duration{static_cast<duration::rep>(n * scale)};
}

result<std::size_t> parse_count(const std::string& text) {
  if (text == "off")
    return std::size_t{0};
  std::uint64_t n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  const unsigned shift = unit.empty()    ? 0U
                         : unit == "KiB" ? 10U
                         : unit == "MiB" ? 20U
                         : unit == "GiB" ? 30U
                                         : 64U;
  if (code != std::errc{} || shift == 64U || n > (std::uint64_t{1} << 40U) >> shift)
    return permanent("'" + text + "' is not a count or size", {},
                     "give a number such as 1000 or 16MiB, or off");
  return static_cast<std::size_t>(n << shift);
}

result<weir::isolation> parse_isolation(const std::string& text) {
  if (text == "shared")
    return isolation::shared;
  if (text == "thread")
    return isolation::thread;
  if (text == "process")
    return isolation::process;
  if (text == "async")
    return permanent("isolation 'async' is for steps that wait, and those of review-stream compute",
                     "--isolation", "use shared, thread or process");
  return permanent("unknown isolation '" + text + "'", "--isolation", "use shared, thread or process");
}

} // namespace weir::reviews
