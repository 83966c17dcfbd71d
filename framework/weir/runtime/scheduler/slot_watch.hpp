#pragma once

// The thread that looks for jobs stuck in slots: every 5 ms while any worker is busy, never while all are
// idle.
//
// Invariants:
//  1. While it sleeps without a timeout (`resting`), all workers are idle, or the first job put into a
//     slot wakes it: it says that it rests, then looks at the workers once more; a worker says that it is
//     busy, then reads `resting`. Both with sequential consistency, so at least one sees the other.
//  2. `look` does not run any more after stop().
// keep_awake() from any thread; stop() once.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace weir::detail {

class slot_watch {
 public:
  /// `look`, on the watch's thread: frees what is stuck and tells whether any worker is busy.
  explicit slot_watch(std::function<bool()> look);
  ~slot_watch() { stop(); }
  slot_watch(const slot_watch&) = delete;
  slot_watch& operator=(const slot_watch&) = delete;

  /// There is something to watch. One load, unless it rests.
  void keep_awake() noexcept {
    if (resting_.load())
      wake();
  }
  void stop() noexcept;

  bool resting() const noexcept { return resting_.load(); }

 private:
  // A job waits in a slot for 5 to 10 ms at most; 200 looks a second cost a tenth of a per cent of a core.
  static constexpr auto interval = std::chrono::milliseconds{5};
  static constexpr int quiet_looks = 20; // before it rests: falling asleep and waking cost more than a look

  void run();
  void wake() noexcept;

  const std::function<bool()> look_;
  std::atomic<bool> resting_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_; // last: it uses all the others
};

} // namespace weir::detail
