#include <bench/outcome.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace weir::bench {

namespace {

std::string exact(double x) {
  if (!std::isfinite(x))
    throw std::invalid_argument("an outcome holds a figure that is no number");
  char text[32];
  const auto [end, failed] = std::to_chars(text, text + sizeof text, x);
  return {text, end};
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

template <class T>
T number(std::string_view text, std::string_view line) {
  T x{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (failed != std::errc{} || end != text.data() + text.size())
    throw std::invalid_argument("an outcome has no number in the line '" + std::string{line} + "'");
  return x;
}

/// What comes before the first space; `rest` loses it.
std::string_view word(std::string_view& rest) {
  const auto space = std::min(rest.find(' '), rest.size());
  const auto first = rest.substr(0, space);
  rest.remove_prefix(std::min(space + 1, rest.size()));
  return first;
}

} // namespace

std::string to_text(const outcome& o) {
  std::string text;
  if (o.seconds)
    text += "seconds " + exact(*o.seconds) + "\n";
  if (o.records)
    text += "records " + std::to_string(*o.records) + "\n";
  for (const auto& [name, x] : o.figures) {
    if (!is_name(name))
      throw std::invalid_argument("a figure is called '" + name + "': letters, digits, _ and - are allowed");
    text += "figure " + name + " " + exact(x) + "\n";
  }
  return text;
}

outcome parse_outcome(std::string_view text) {
  outcome o;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
      throw std::invalid_argument("an outcome is cut off in the line '" + std::string{text} + "'");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    std::string_view rest = line;
    const auto what = word(rest);
    if (what == "seconds")
      o.seconds = number<double>(rest, line);
    else if (what == "records")
      o.records = number<std::uint64_t>(rest, line);
    else if (what == "figure") {
      const std::string name{word(rest)};
      if (!is_name(name))
        throw std::invalid_argument("an outcome has no name in the line '" + std::string{line} + "'");
      o.figures[name] = number<double>(rest, line);
    } else
      throw std::invalid_argument("an outcome has an unknown line '" + std::string{line} + "'");
  }
  return o;
}

} // namespace weir::bench
