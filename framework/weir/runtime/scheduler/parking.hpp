#pragma once

// Where idle workers sleep, and who is woken.
//
// Invariants:
//  1. No wake-up is lost: a sleeper lists itself, then looks for work once more; who brings work makes it
//     visible, then looks for sleepers. Both with sequential consistency, so at least one sees the other.
//  2. One is woken at a time, the one that fell asleep last (its cache is the warmest), and none while
//     another looks for work, or is on its way to look: that one finds it, and wakes the next if there is
//     more. A certain one is woken for a job that is at home with it.
//  3. A worker waits without a timeout, but for one nap: only a wake-up ends it. So an idle system uses no
//     processor time.
// Thread-safe; a place belongs to one worker, and lives as long as anybody may wake it.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace weir::detail {

/// The slack that the kernel gives the timers of this thread is taken back, once.
void have_exact_timers() noexcept;

class parking {
 public:
  class place {
    friend class parking;
    std::condition_variable changed_;
    bool woken_ = false;
  };

  explicit parking(std::size_t workers) { sleeping_.reserve(workers); }

  /// Sleeps until woken, or not at all if `work_waits()` once listed. Then the caller is one that looks: as
  /// after begin_looking().
  template <class WorkWaits>
  void sleep(place& mine, WorkWaits work_waits) {
    std::unique_lock lock{mutex_};
    mine.woken_ = false;
    sleeping_.push_back(&mine);
    sleepers_.fetch_add(1);
    if (work_waits())
      leave(mine);
    else
      mine.changed_.wait(lock, [&] { return mine.woken_; });
  }

  /// There is work for one more. Costs three loads where nobody sleeps or somebody looks already.
  void wake_one() {
    if (napper_.load() != nullptr)
      end_nap();
    else
      wake_one_in_time();
  }
  /// The same, but for one that naps, which looks soon enough by itself.
  void wake_one_in_time() {
    if (sleepers_.load() != 0 && lookers_.load() == 0)
      wake();
  }

  /// Between begin_looking(1) and end_looking(): sleeps, no longer than `most`, unless `work_waits()`.
  template <class WorkWaits>
  void nap(place& mine, std::chrono::nanoseconds most, WorkWaits work_waits) {
    have_exact_timers();
    std::unique_lock lock{mutex_};
    mine.woken_ = false;
    napper_.store(&mine);
    if (!work_waits())
      mine.changed_.wait_for(lock, most, [&] { return mine.woken_; });
    napper_.store(nullptr);
  }

  /// To look for work before sleeping: false if as many as `most` look already. True: call end_looking(),
  /// then sleep, or take what was found and wake_one() if there is more.
  bool begin_looking(std::size_t most) noexcept {
    if (lookers_.load(std::memory_order_relaxed) >= most)
      return false;
    lookers_.fetch_add(1);
    return true;
  }
  void end_looking() noexcept { lookers_.fetch_sub(1); }

  /// The worker of this place, if it sleeps.
  void wake(place& who);
  void wake_all();

  std::size_t sleepers() const noexcept { return sleepers_.load(); }

 private:
  void wake();
  void end_nap();
  void leave(place& mine); // holding the mutex

  alignas(64) std::atomic<std::size_t> sleepers_{0}; // = sleeping_.size()
  std::atomic<std::size_t> lookers_{0};
  std::atomic<place*> napper_{nullptr}; // written holding the mutex
  alignas(64) std::mutex mutex_;
  std::vector<place*> sleeping_;
};

} // namespace weir::detail
