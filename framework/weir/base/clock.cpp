#include <weir/base/clock.hpp>

#include <ctime>

#include <array>
#include <cstdio>

namespace weir {

std::string to_text(duration d) {
  struct unit {
    double ns;
    const char* name;
  };
  constexpr std::array units{unit{3.6e12, "h"}, unit{6e10, "min"}, unit{1e9, "s"}, unit{1e6, "ms"},
                             unit{1e3, "us"}};
  const auto ns = static_cast<double>(d.count());
  unit chosen{1, "ns"};
  for (const unit& u : units)
    if (ns >= u.ns) {
      chosen = u;
      break;
    }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.4g %s", ns / chosen.ns, chosen.name);
  return text.data();
}

std::string iso_time(std::chrono::system_clock::time_point at) {
  const auto since = at.time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(millis));
  return text;
}

} // namespace weir
