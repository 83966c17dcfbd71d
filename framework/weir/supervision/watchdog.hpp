#pragma once

// The watchdog: a table of calls into user code, with the time each may take. It asks a call that ran out of
// time to stop; one that has not returned a grace period later is reported as hung. It reads only atomics
// and never waits for the scheduler, so code that hangs on every thread of it cannot hide.
//
// A call's time is that of one record: it begins when the watchdog first sees the worker at that record, so
// a timeout may come late by two intervals between looks (an eighth of the timeout, 1 to 250 ms), never
// early. Thread-safe.

#include <weir/base/clock.hpp>
#include <weir/node/task.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace weir::detail {

/// The call that one worker is in, if any. The worker announces it, the watchdog looks.
class watched_call : public call_marks {
 public:
  /// The worker enters user code. `by_record`: time is measured a record, by `current`; else of the whole
  /// call (a start, a timer, an end).
  void began(std::stop_source stop, bool by_record);
  void ended();
  /// It was reported as hung: its worker has been replaced and should do nothing more.
  bool given_up();
  /// Asks the present call to stop, for a reason that is none of its records'. Any thread.
  void request_stop();
  virtual ~watched_call() = default;

  // For the watchdog. Another than this class sees calls that are made elsewhere.
  struct seen {
    bool running = false;
    bool by_record = true;
    std::uint64_t number = 0; ///< of calls so far
    std::uint32_t index = no_index;
  };
  virtual seen look();
  /// If the call is still as it was seen, its attempt at that record is asked to stop; what is left to be
  /// done, outside every lock, is to request it of the answer.
  virtual std::stop_source ask(const seen& at);
  /// False where the call is not as it was seen any more.
  virtual bool give_up(const seen& at);
  /// Where the worker and the watchdog tell each other of records; its own by default. Before the first call.
  void mark(call_marks& where) noexcept { marks_ = &where; }
  call_marks* marks() noexcept { return marks_; }

 private:
  bool is(const seen& at) const noexcept; // under the mutex
  std::mutex mutex_;
  std::stop_source stop_{std::nostopstate};
  call_marks* marks_ = this;
  std::uint64_t number_ = 0; ///< of calls so far
  bool running_ = false;
  bool given_up_ = false;
  bool by_record_ = true;
};

class watchdog {
 public:
  explicit watchdog(std::shared_ptr<const clock> time) : time_(std::move(time)) {}

  /// Watches a worker until its call object is gone. `hung` is called at most once, from look().
  void watch(const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
             std::function<void()> hung);
  /// Looks at every call; answers when to look again: nothing = when something is watched.
  std::optional<duration> look();
  /// Some watched worker is in a call.
  bool busy();

 private:
  struct entry {
    std::weak_ptr<watched_call> call;
    duration timeout;
    duration grace;
    std::function<void()> hung;
    std::uint64_t number = 0;
    std::uint32_t index = no_index;
    time_point since{};
    bool seen = false;
    bool asked = false;
    bool told = false;
  };
  /// True when the call must be reported as hung.
  static bool check(entry& e, watched_call& call, time_point now);

  std::shared_ptr<const clock> time_;
  std::mutex mutex_;
  std::vector<entry> entries_;
};

/// Looks from a thread of its own; idle while nothing is watched.
class watchdog_thread {
 public:
  explicit watchdog_thread(std::shared_ptr<const clock> time);
  ~watchdog_thread();
  watchdog_thread(const watchdog_thread&) = delete;
  watchdog_thread& operator=(const watchdog_thread&) = delete;

  void watch(const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
             std::function<void()> hung);

 private:
  void run();
  watchdog dog_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool more_ = false;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace weir::detail
