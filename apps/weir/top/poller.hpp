#pragma once

// Asks the admin API again and again, on a thread of its own, so that keys are obeyed while an answer is
// waited for. Thread-safe.
//
// Invariant: the client is used by the thread alone, but for cancel(); what it learned passes under the
// mutex. `wake` is called on the thread, without the mutex, after each change.

#include <apps/weir/top/client.hpp>
#include <apps/weir/top/view.hpp>

#include <weir/base/clock.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace weir::top {

/// One look: the workflow, and its events where the server has any. `trouble` where the first failed.
snapshot look(client& from);

class poller {
 public:
  /// Starts the thread. `first` is what is known already; the next look is an interval away.
  poller(client& from, duration interval, snapshot first, std::function<void()> wake);
  /// Cancels what is waited for.
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  snapshot now() const;
  /// Pauses the workflow, or resumes it where it is paused, and looks again at once.
  void toggle_pause();

 private:
  void work();
  void ask_to_toggle();

  client& client_;
  const duration interval_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  snapshot now_;
  bool toggle_ = false;
  bool stop_ = false;
  std::thread thread_;
};

} // namespace weir::top
