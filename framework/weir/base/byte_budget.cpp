#include <weir/base/byte_budget.hpp>

#include <utility>

namespace weir {

void byte_budget::release(std::size_t bytes) noexcept {
  const auto amount = static_cast<std::int64_t>(bytes);
  const auto level = used_.fetch_sub(amount) - amount;
  if (level > limit_ || !waited_for_.load())
    return;
  std::vector<std::function<void()>> waiters;
  {
    const std::lock_guard lock{mutex_};
    waiters.swap(waiters_);
    waited_for_.store(false);
  }
  for (auto& wake : waiters)
    wake();
}

bool byte_budget::exceeded(std::function<void()> when_free) {
  if (limit_ == 0 || used_.load(std::memory_order_relaxed) <= limit_)
    return false;
  const std::lock_guard lock{mutex_};
  waited_for_.store(true);
  if (used_.load() <= limit_) // released between the look and the registration
    return false;
  waiters_.push_back(std::move(when_free));
  return true;
}

} // namespace weir
