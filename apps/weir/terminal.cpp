#include <apps/weir/terminal.hpp>

#include <apps/weir/top/text.hpp>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace weir {

void print_error(const error& why) {
  std::fprintf(stderr, "error: %s\n", top::printable(why.message()).c_str());
}

result<duration> parse_interval(const std::string& text) {
  double n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  const double scale = unit == "ms" ? 1e6 : unit == "s" ? 1e9 : unit == "m" ? 60e9 : 0;
  const double length = n * scale;
  if (code != std::errc{} || !std::isfinite(length) || length < 50e6 || length > 3600e9)
    return permanent("'" + top::printable(text, 80) + "' is no interval", "--interval",
                     "give 50ms to 60m: a number and its unit, such as 500ms or 2s");
  return duration{static_cast<duration::rep>(length)};
}

} // namespace weir
