#pragma once

// A ring between two threads, as one writes it by hand: a power of two of slots, an index each side that only
// that side writes, and each side's last look at the other's index, so that the line is fetched only when the
// ring seems full or empty.
//
// Invariants: one thread pushes, one pops. A waiting side spins for some microseconds, then gives the
// processor away (there may be more threads than processors), and at last sleeps until the other side moves.
// The store that ends a wait is sequentially consistent: the check for sleepers that follows it must not go
// first.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <sched.h>

namespace weir::bench {

/// Tells the processor that this is a loop that waits.
inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns the value of `x` once it is no longer `old`.
inline std::uint32_t wait_for_change(const std::atomic<std::uint32_t>& x, std::uint32_t old) noexcept {
  for (int turn = 0; turn < 64; ++turn, pause())
    if (const auto now = x.load(std::memory_order_acquire); now != old)
      return now;
  for (int turn = 0; turn < 64; ++turn, ::sched_yield())
    if (const auto now = x.load(std::memory_order_acquire); now != old)
      return now;
  x.wait(old, std::memory_order_acquire);
  return x.load(std::memory_order_acquire);
}

template <class T>
class ring {
 public:
  /// `slots` is a power of two.
  explicit ring(std::size_t slots) : slots_(slots) {}

  void push(T x) noexcept {
    const std::uint32_t at = tail_.load(std::memory_order_relaxed);
    while (at - head_seen_ == slots_.size())
      head_seen_ = wait_for_change(head_, head_seen_);
    slots_[at & (slots_.size() - 1)] = x;
    tail_.store(at + 1);
    tail_.notify_one();
  }
  T pop() noexcept {
    const std::uint32_t at = head_.load(std::memory_order_relaxed);
    while (at == tail_seen_)
      tail_seen_ = wait_for_change(tail_, tail_seen_);
    const T x = slots_[at & (slots_.size() - 1)];
    head_.store(at + 1);
    head_.notify_one();
    return x;
  }

 private:
  std::vector<T> slots_;
  alignas(64) std::atomic<std::uint32_t> head_{0};
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  alignas(64) std::uint32_t head_seen_ = 0; ///< of the pushing side
  alignas(64) std::uint32_t tail_seen_ = 0; ///< of the popping side
};

} // namespace weir::bench
