#include <bench/workloads/pacing.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace weir::bench {

void delays::tell(outcome& o) const {
  std::vector<std::uint64_t> warm(all_.begin() + static_cast<std::ptrdiff_t>(all_.size() / 10), all_.end());
  if (warm.empty())
    return;
  std::ranges::sort(warm);
  const std::pair<const char*, double> wanted[] = {{"p50_us", 0.5}, {"p99_us", 0.99}, {"p999_us", 0.999}};
  for (const auto& [name, share] : wanted) {
    const auto at = static_cast<std::size_t>(share * static_cast<double>(warm.size()));
    o.figures[name] = static_cast<double>(warm[std::min(at, warm.size() - 1)]) / 1e3;
  }
}

} // namespace weir::bench
