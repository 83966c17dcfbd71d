#pragma once

// What a judgement costs. Thread-safe.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>

namespace weir::reviews {

/// What this thread has computed so far: unlike the clock on the wall it leaves out the time that others had
/// the core.
inline std::chrono::nanoseconds thread_time() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Calls `judge(i)` for all rows at least three times over; the mean time a row in the fastest pass.
template <class F>
double microseconds_a_row(std::size_t rows, F judge) {
  if (rows == 0)
    return 0;
  const auto started = thread_time();
  auto best = std::chrono::nanoseconds::max();
  for (int pass = 0; pass < 3 || thread_time() - started < std::chrono::milliseconds(200); ++pass) {
    const auto from = thread_time();
    for (std::size_t i = 0; i < rows; ++i)
      judge(i);
    best = std::min(best, thread_time() - from);
  }
  return std::chrono::duration<double, std::micro>(best).count() / static_cast<double>(rows);
}

} // namespace weir::reviews
