#pragma once

// The one job a worker runs next: the actor it has just fed, whose input is still in this core's cache.
//
// Invariants:
//  1. Only the owner puts a job in. The owner, an idle worker and the watch may take it out, each by an
//     exchange, so exactly one of them gets it.
//  2. No job stays for ever: the owner takes it at the end of its turn, the watch if that turn does not
//     end.

#include <atomic>

namespace weir::detail {

template <class Job>
class next_slot {
 public:
  /// Owner only. The job that was there before, if any: it has to go elsewhere.
  Job* put(Job* job) noexcept {
    if (job_.load(std::memory_order_relaxed) == nullptr) { // others only empty it
      job_.store(job, std::memory_order_release);
      return nullptr;
    }
    return job_.exchange(job, std::memory_order_acq_rel);
  }
  /// Any thread. Null: there is none, or another was quicker.
  Job* take() noexcept {
    return look() == nullptr ? nullptr : job_.exchange(nullptr, std::memory_order_acq_rel);
  }
  /// Any thread; only to compare with an earlier look: the job may be gone already.
  Job* look() const noexcept { return job_.load(std::memory_order_relaxed); }

 private:
  std::atomic<Job*> job_{nullptr};
};

} // namespace weir::detail
