#pragma once

// What a port reports, for the thread that drives a session. Thread-safe.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/cluster/remote_link.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace weir::cluster {

struct port_event {
  enum class kind : std::uint8_t { opened, unreachable, frame, closed };
  kind what;
  link_id link = 0;
  std::shared_ptr<const bytes> frame;
  std::optional<error> why; ///< unreachable
};

class event_queue {
 public:
  void push(port_event e) {
    const std::lock_guard lock{mutex_};
    events_.push_back(std::move(e));
    changed_.notify_one();
  }
  /// Somebody wants the driver to look.
  void poke() {
    const std::lock_guard lock{mutex_};
    if (!std::exchange(poked_, true))
      changed_.notify_one();
  }
  struct taken {
    std::deque<port_event> events;
    bool poked = false;
  };
  /// What there is, at `until` at the latest.
  taken wait(time_point until) {
    std::unique_lock lock{mutex_};
    const auto there = [this] { return poked_ || !events_.empty(); };
    if (until == time_point::max())
      changed_.wait(lock, there);
    else
      changed_.wait_until(lock, std::chrono::steady_clock::time_point{until.time_since_epoch()}, there);
    return {std::exchange(events_, {}), std::exchange(poked_, false)};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<port_event> events_;
  bool poked_ = false;
};

} // namespace weir::cluster
