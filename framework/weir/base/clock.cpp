#include <weir/base/clock.hpp>

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

} // namespace weir
