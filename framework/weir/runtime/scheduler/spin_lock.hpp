#pragma once

// A lock for a few instructions, half the price of a mutex. Whoever waits long gives its processor away:
// with more threads than processors the holder may be off its own.

#include <atomic>

#include <sched.h>

namespace weir::detail {

/// Tells the processor that a loop waits.
inline void pause_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

class spin_lock {
 public:
  void lock() noexcept {
    while (held_.exchange(true, std::memory_order_acquire))
      for (int looks = 1; held_.load(std::memory_order_relaxed); ++looks)
        if (looks % patience != 0)
          pause_processor();
        else
          ::sched_yield();
  }
  bool try_lock() noexcept { return !held_.exchange(true, std::memory_order_acquire); }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }

 private:
  static constexpr int patience = 256; // looks: some microseconds, more than any holder needs that runs
  std::atomic<bool> held_{false};
};

} // namespace weir::detail
