#pragma once

// An open loop: records come when they are due, however slowly they are taken, so a system that falls behind
// shows it as delay and not as a lower rate. What is measured is the time from when a record was due.

#include <bench/outcome.hpp>

#include <cstdint>
#include <vector>

#include <time.h>

namespace weir::bench {

inline std::uint64_t nanoseconds(clockid_t of) noexcept {
  timespec t{};
  ::clock_gettime(of, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(t.tv_nsec);
}
inline std::uint64_t now_ns() noexcept { return nanoseconds(CLOCK_MONOTONIC); }

struct load {
  std::uint64_t per_second = 0;
  std::uint64_t records = 0;
  /// Nanoseconds after the first record at which record `i` is due.
  std::uint64_t due(std::uint64_t i) const noexcept { return i * 1'000'000'000U / per_second; }
};

/// Spins on the clock and calls `push(i, due)` when record `i` is due. Answers the processor seconds of the
/// calling thread, which are no part of what is measured.
template <class Push>
double pace(const load& l, Push&& push) {
  const std::uint64_t used = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  const std::uint64_t start = now_ns() + 2'000'000;
  for (std::uint64_t i = 0; i < l.records; ++i) {
    const std::uint64_t due = start + l.due(i);
    while (now_ns() < due)
      __builtin_ia32_pause();
    push(i, due);
  }
  return static_cast<double>(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - used) / 1e9;
}

/// Delays, exact. One thread.
class delays {
 public:
  explicit delays(std::uint64_t most) { all_.reserve(most); }
  void add(std::uint64_t ns) { all_.push_back(ns); }
  std::uint64_t count() const noexcept { return all_.size(); }
  /// p50_us, p99_us, p999_us, without the first tenth, in which caches, branches and threads warm up.
  void tell(outcome& o) const;

 private:
  std::vector<std::uint64_t> all_;
};

} // namespace weir::bench
