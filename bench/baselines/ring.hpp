#pragma once

// A ring between two threads, as one writes it by hand: a power of two of slots, an index each side that only
// that side writes, and each side's last look at the other's index, so that the line is fetched only when the
// ring seems full or empty.
//
// Invariants: one thread pushes, one pops. A waiting side spins 256 times, then gives the processor away
// (there may be more threads than processors).

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

/// For a loop that waits.
class patience {
 public:
  void wait() noexcept {
    if (++turns_ % 256 != 0)
      pause();
    else
      ::sched_yield();
  }

 private:
  std::uint32_t turns_ = 0;
};

template <class T>
class ring {
 public:
  /// `slots` is a power of two.
  explicit ring(std::size_t slots) : slots_(slots) {}

  void push(T x) noexcept {
    const std::size_t at = tail_.load(std::memory_order_relaxed);
    for (patience p; at - head_seen_ == slots_.size(); p.wait())
      if ((head_seen_ = head_.load(std::memory_order_acquire)) + slots_.size() != at)
        break;
    slots_[at & (slots_.size() - 1)] = x;
    tail_.store(at + 1, std::memory_order_release);
  }
  T pop() noexcept {
    const std::size_t at = head_.load(std::memory_order_relaxed);
    for (patience p; at == tail_seen_; p.wait())
      if ((tail_seen_ = tail_.load(std::memory_order_acquire)) != at)
        break;
    const T x = slots_[at & (slots_.size() - 1)];
    head_.store(at + 1, std::memory_order_release);
    return x;
  }

 private:
  std::vector<T> slots_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
  alignas(64) std::size_t head_seen_ = 0; ///< of the pushing side
  alignas(64) std::size_t tail_seen_ = 0; ///< of the popping side
};

} // namespace weir::bench
