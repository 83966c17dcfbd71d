#include <weir/node/retry_policy.hpp>

#include <algorithm>
#include <cmath>

namespace weir {

duration retry_policy::wait(std::uint32_t attempts, double random) const noexcept {
  if (first_.count() <= 0)
    return duration{0};
  const double grown =
      static_cast<double>(first_.count()) * std::pow(factor_, attempts > 0 ? attempts - 1 : 0);
  const double bound = std::min(grown, static_cast<double>(max_.count()));
  return duration{static_cast<duration::rep>(jitter_ ? bound * random : bound)};
}

} // namespace weir
