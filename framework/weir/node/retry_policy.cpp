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

std::optional<duration> retry_policy::next(const failed_attempt& failed) const noexcept {
  if (custom_) {
    try {
      auto wait = custom_->next(failed);
      return wait ? std::optional{std::max(duration{0}, *wait)} : std::nullopt;
    } catch (...) { // the author's own code
      return std::nullopt;
    }
  }
  if (max_attempts_ != 0 && failed.attempts >= max_attempts_)
    return std::nullopt;
  return wait(failed.attempts, failed.random);
}

} // namespace weir
