#pragma once

// One budget of bytes for all an engine holds: batches, ledgers, retries.
//
// Invariants: only sources wait for it (`exceeded`), everyone else charges it and may overdraw by what was
// already granted, so no cycle of waits can form. A waiter is called once, after the level has fallen to the
// limit or below. Thread-safe.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace weir {

class byte_budget {
 public:
  /// `limit` in bytes; 0 = without limit.
  explicit byte_budget(std::uint64_t limit = 0) : limit_(static_cast<std::int64_t>(limit)) {}

  void charge(std::size_t bytes) noexcept {
    used_.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
  }
  void release(std::size_t bytes) noexcept;

  /// Over the limit at this moment: whether `exceeded` is worth asking.
  bool over() const noexcept { return limit_ != 0 && used_.load(std::memory_order_relaxed) > limit_; }
  /// True when a source should not make more. If true, `when_free` is called once when that has changed, from
  /// the thread that released, so it must be short.
  bool exceeded(std::function<void()> when_free);

  std::uint64_t used() const noexcept {
    const auto level = used_.load(std::memory_order_relaxed);
    return level > 0 ? static_cast<std::uint64_t>(level) : 0;
  }
  std::uint64_t limit() const noexcept { return static_cast<std::uint64_t>(limit_); }

 private:
  const std::int64_t limit_;
  std::atomic<std::int64_t> used_{0};
  std::atomic<bool> waited_for_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> waiters_;
};

} // namespace weir
