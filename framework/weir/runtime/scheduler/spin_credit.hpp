#pragma once

// How long an idle worker may look for work before it sleeps. Waking a thread costs some 5 us for the
// waker and 40 us until it runs, so a short look pays where work comes all the time; where it does not,
// looking wastes a core. So a worker earns the right by its own work: half of the time it was busy, never
// more than 50 us. Owning worker only.

#include <algorithm>
#include <chrono>

namespace weir::detail {

class spin_credit {
 public:
  using duration = std::chrono::nanoseconds;
  static constexpr duration most = std::chrono::microseconds{50};

  void earn(duration busy) noexcept { left_ = std::min(most, left_ + std::max(duration{0}, busy / 2)); }
  void spend(duration spun) noexcept { left_ -= std::min(left_, spun); }
  duration left() const noexcept { return left_; }

 private:
  duration left_{0};
};

} // namespace weir::detail
