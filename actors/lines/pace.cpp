#include <actors/lines/pace.hpp>

#include <algorithm>
#include <utility>

namespace weir::actors {

namespace {

/// A shorter wait costs more than it evens out.
constexpr duration shortest_wait = std::chrono::milliseconds{1};

} // namespace

pace::pace(std::uint64_t per_second, std::shared_ptr<const clock> time)
    : per_second_(per_second), time_(std::move(time)) {}

duration pace::wait() {
  if (per_second_ == 0)
    return {};
  const time_point now = time_->now();
  if (!std::exchange(started_, true))
    start_ = now;
  if (taken_ >= per_second_) { // whole seconds, so that nothing is rounded and nothing overflows
    start_ += std::chrono::seconds{taken_ / per_second_};
    taken_ %= per_second_;
  }
  constexpr std::uint64_t second = 1'000'000'000;
  // taken_ < per_second_, so the quotient is below a second
  const auto after = static_cast<duration::rep>(static_cast<long double>(taken_) * second / per_second_);
  const time_point due = start_ + duration{after};
  if (now - due > most_behind) {
    start_ = now - most_behind;
    taken_ = 0;
    return {};
  }
  return due <= now ? duration{} : std::max(due - now, shortest_wait);
}

} // namespace weir::actors
