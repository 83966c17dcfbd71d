#pragma once

// A queue of jobs, the one that all workers share or that of those at home on one worker: first in, first
// out, so that a job in it is taken after those before it.
//
// Invariants:
//  1. A job that was pushed is popped once, in order of pushing, or handed out by take_rest().
//  2. A job is in the queue at most once at a time (CAF queues an actor only when it was not runnable), so
//     it holds at most as many jobs as there are actors. It grows by doubling and never shrinks.
//  3. push() makes waiting() non-zero with sequential consistency before it returns, so that a worker that
//     lists itself as asleep and then finds waiting() zero cannot miss the job (parking.hpp).
//  4. After close() what was pushed before is still popped, what is pushed later is not; waiting() stays
//     non-zero for ever, so nobody sleeps over the end.
// Thread-safe, but for take_rest().

#include <weir/runtime/scheduler/spin_lock.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

namespace weir::detail {

template <class Job>
class job_queue {
 public:
  job_queue() : ring_(first_capacity) {}

  void push(Job* job) {
    const std::lock_guard lock{lock_};
    if (tail_ - head_ == ring_.size())
      grow();
    ring_[tail_++ & (ring_.size() - 1)] = job;
    if (!closed_)
      waiting_.store(tail_ - head_);
  }

  /// Null: nothing there, or closed and drained.
  Job* pop() {
    if (waiting_.load(std::memory_order_relaxed) == 0)
      return nullptr;
    const std::lock_guard lock{lock_};
    if (head_ == (closed_ ? end_ : tail_))
      return nullptr;
    Job* const job = ring_[head_++ & (ring_.size() - 1)];
    if (!closed_)
      waiting_.store(tail_ - head_, std::memory_order_relaxed);
    else if (head_ == end_)
      drained_.store(true, std::memory_order_release);
    return job;
  }

  /// How many wait, more or less: others push and pop at the same time.
  std::size_t waiting() const noexcept { return waiting_.load(); }

  void close() {
    const std::lock_guard lock{lock_};
    closed_ = true;
    end_ = tail_;
    waiting_.store(no_sleep);
    if (head_ == end_)
      drained_.store(true, std::memory_order_release);
  }

  /// Closed, and all that was pushed before has been popped.
  bool drained() const noexcept { return drained_.load(std::memory_order_acquire); }

  /// What nobody will pop any more. When no other thread uses the queue.
  template <class F>
  void take_rest(F each) {
    while (head_ != tail_)
      each(ring_[head_++ & (ring_.size() - 1)]);
    end_ = head_;
  }

 private:
  static constexpr std::size_t first_capacity = 1024; // a power of two, as all that follow
  static constexpr std::size_t no_sleep = std::size_t(-1);

  void grow() {
    std::vector<Job*> larger(ring_.size() * 2);
    for (std::size_t i = head_; i != tail_; ++i)
      larger[i & (larger.size() - 1)] = ring_[i & (ring_.size() - 1)];
    ring_.swap(larger);
  }

  spin_lock lock_;
  bool closed_ = false;
  std::vector<Job*> ring_;
  std::size_t head_ = 0; // both only ever grow; the ring's index is their remainder
  std::size_t tail_ = 0;
  std::size_t end_ = 0; // tail at the time of close()
  // On a line of its own: idle workers look at it while others hold the lock.
  alignas(64) std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> drained_{false};
};

} // namespace weir::detail
