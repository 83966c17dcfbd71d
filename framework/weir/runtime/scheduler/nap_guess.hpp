#pragma once

// Whether an idle worker should nap instead of falling asleep. To be woken costs waker and sleeper some
// microseconds each; where records come every ten microseconds that is most of the processor time. A worker
// that naps wakes by itself, and who brings records (see patient_wakeups.hpp) does nothing, as network cards
// moderate interrupts. So it naps when of late it was woken that soon, and sleeps when it was not. Owning
// worker only.

#include <algorithm>
#include <chrono>

namespace weir::detail {

class nap_guess {
 public:
  using duration = std::chrono::nanoseconds;
  /// At most so much later is a job seen: about as long as CAF's idle workers sleep between looks.
  static constexpr duration nap = std::chrono::microseconds{80};

  bool pays() const noexcept { return usual_ < nap * 3 / 4; }
  /// Work came so long after this worker had none.
  void came_after(duration idle) noexcept { usual_ = (3 * usual_ + std::min(idle, 20 * nap)) / 4; }
  /// It came during a nap, at a moment that nobody knows.
  void came_in_nap() noexcept { came_after(nap / 2); }

 private:
  duration usual_ = 20 * nap;
};

} // namespace weir::detail
