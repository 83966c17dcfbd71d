#pragma once

// Time as the runtime sees it. Every deadline, backoff and latency in Weir is read from a `clock`, so that a
// simulation can put its own in the place of the machine's.

#include <atomic>
#include <chrono>
#include <string>

namespace weir {

using duration = std::chrono::nanoseconds;
/// Monotonic: counts from an arbitrary start, never jumps with the wall clock.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// `at` plus `wait`; waits without end (duration::max()) stay without end instead of wrapping around.
constexpr time_point later(time_point at, duration wait) noexcept {
  return wait > time_point::max() - at ? time_point::max() : at + wait;
}

/// "250 ms", "1.5 s", "2 min": for people.
std::string to_text(duration d);

/// "2026-05-04T12:30:00.250Z".
std::string iso_time(std::chrono::system_clock::time_point at);

/// Thread-safe.
class clock {
 public:
  virtual ~clock() = default;
  virtual time_point now() const noexcept = 0;
};

/// The machine's monotonic clock.
class steady_clock final : public clock {
 public:
  time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
};

/// A clock that moves only when told to. Thread-safe.
class manual_clock final : public clock {
 public:
  time_point now() const noexcept override {
    return time_point{duration{now_.load(std::memory_order_acquire)}};
  }
  void advance(duration by) noexcept { now_.fetch_add(by.count(), std::memory_order_acq_rel); }

 private:
  std::atomic<duration::rep> now_{0};
};

} // namespace weir
