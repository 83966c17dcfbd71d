#pragma once

// Nodes with a task running at once (workflow_settings::max_concurrent_nodes). Thread-safe.

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace weir::detail {

class concurrency_limit {
 public:
  /// `most` 0 = without limit.
  explicit concurrency_limit(std::uint32_t most) : most_(most) {}

  bool limited() const noexcept { return most_ != 0; }
  /// A place, or false: `when_free` is then called once, in turn, when it is worth asking again.
  bool acquire(std::function<void()> when_free) {
    if (most_ == 0)
      return true;
    const std::lock_guard lock{mutex_};
    if (taken_ < most_) {
      ++taken_;
      return true;
    }
    waiting_.push_back(std::move(when_free));
    return false;
  }
  /// Somebody waits for a place.
  bool contended() {
    if (most_ == 0)
      return false;
    const std::lock_guard lock{mutex_};
    return !waiting_.empty();
  }
  void release() {
    if (most_ == 0)
      return;
    std::function<void()> next;
    {
      const std::lock_guard lock{mutex_};
      --taken_;
      if (!waiting_.empty()) {
        next = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    if (next)
      next();
  }

 private:
  const std::uint32_t most_;
  std::mutex mutex_;
  std::uint32_t taken_ = 0;
  std::deque<std::function<void()>> waiting_;
};

} // namespace weir::detail
