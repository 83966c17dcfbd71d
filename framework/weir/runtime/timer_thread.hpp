#pragma once

// One thread that waits: for points in time and for descriptors to become readable. Callbacks run on it and
// must be short (they send a message). Calls from any thread.
//
// Invariants: a callback runs at most once; none runs after the destructor has returned.

#include <weir/base/clock.hpp>

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace weir::detail {

class timer_thread {
 public:
  timer_thread();
  ~timer_thread();
  timer_thread(const timer_thread&) = delete;
  timer_thread& operator=(const timer_thread&) = delete;

  void at(time_point when, std::function<void()> call);
  /// One call a descriptor: a second takes the place of the first.
  void when_readable(int descriptor, std::function<void()> call);

 private:
  struct timer {
    time_point when;
    std::function<void()> call;
    friend bool operator>(const timer& a, const timer& b) noexcept { return a.when > b.when; }
  };
  struct watch {
    int descriptor;
    std::function<void()> call;
  };
  void run();
  void wake() noexcept;

  std::mutex mutex_;
  std::vector<timer> timers_; // a heap, earliest first
  std::vector<watch> watches_;
  bool ending_ = false;
  int event_ = -1;
  std::thread thread_;
};

} // namespace weir::detail
