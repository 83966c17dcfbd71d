#pragma once

// Which job runs next on which worker. Knows nothing of CAF: a job is a pointer, to run one is the
// caller's part.
//
//     job_scheduler<Job> jobs{2};
//     jobs.push(job);                              // any thread
//     while (Job* job = jobs.worker(0).take()) {   // the thread of worker 0
//       ...                                        // runs it; what that feeds: jobs.worker(0).run_next(x)
//     }
//     jobs.close();
//
// Order of a worker: the job in its slot, then the oldest of those at home here, at most 32 of them in a row
// while others wait (the budget); then the oldest of the queue that all share and the oldest at home, one or
// the other. So a pipeline runs from stage to stage on one core, its batch in the cache; a job with much
// memory of its own stays on one core, too; and whoever waits in the queue gets its turn after at most 66
// turns for each job before it.
//
// Invariants:
//  1. A job handed in, in whichever way, is returned by exactly one take(), or handed out by take_rest()
//     after close().
//  2. Jobs in a queue are taken in order. A job leaves a slot or a home to run, or to the end of the queue.
//  3. A worker that sleeps has an empty slot, and saw its home and the queue empty after it had said that it
//     is asleep.
//  4. A job in the slot or the home of a worker whose turn is long is taken by an idle worker that looks for
//     work, or put into the queue by the watch, after 10 ms or so.

#include <weir/runtime/scheduler/job_queue.hpp>
#include <weir/runtime/scheduler/nap_guess.hpp>
#include <weir/runtime/scheduler/next_slot.hpp>
#include <weir/runtime/scheduler/parking.hpp>
#include <weir/runtime/scheduler/patient_wakeups.hpp>
#include <weir/runtime/scheduler/slot_watch.hpp>
#include <weir/runtime/scheduler/spin_credit.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace weir::detail {

template <class Job>
class job_scheduler {
 public:
  class job_worker;

  explicit job_scheduler(std::size_t workers);
  job_scheduler(const job_scheduler&) = delete;
  job_scheduler& operator=(const job_scheduler&) = delete;

  std::size_t size() const noexcept { return workers_.size(); }
  job_worker& worker(std::size_t index) noexcept { return *workers_[index]; }

  /// To the end of the queue. Any thread.
  void push(Job* job) {
    queue_.push(job);
    patient_wakeups::wanted() ? parking_.wake_one_in_time() : parking_.wake_one();
  }

  /// For the worker that has run it before, its memory in that core's cache: true when it waits for that
  /// worker now, or false, and nothing is done, where that worker sleeps: another is quicker. Any thread but
  /// that worker's own.
  bool push_home(std::size_t worker, Job* job) {
    job_worker& home = *workers_[worker];
    if (home.state_.load() == state::asleep)
      return false;
    home.home_.push(job);
    watch_.keep_awake();
    if (home.state_.load() == state::asleep)
      parking_.wake(home.place_);
    else
      parking_.wake_one(); // it may be in a long turn: who wakes takes the job if it is still there
    return true;
  }

  /// Each worker's take() returns null once all that was in the queue has been taken. Any thread.
  void close() {
    queue_.close();
    parking_.wake_all();
  }

  /// What no worker will take any more, after close() and when the workers' threads have ended.
  template <class F>
  void take_rest(F each) {
    watch_.stop();
    for (auto& w : workers_) {
      if (Job* const job = w->slot_.take())
        each(job);
      w->home_.take_rest(each);
    }
    queue_.take_rest(each);
  }

  /// All sleep, until there is work.
  bool at_rest() const noexcept { return parking_.sleepers() == size() && watch_.resting(); }

 private:
  enum class state { awake, asleep };
  struct seen { // by the watch, at its last look
    Job* job = nullptr;
    bool at_home = false;
    std::uint64_t turn = 0;
    bool operator==(const seen&) const = default;
  };
  bool free_stuck_jobs();
  Job* steal(const job_worker& thief) noexcept;

  job_queue<Job> queue_;
  parking parking_;
  std::vector<std::unique_ptr<job_worker>> workers_;
  alignas(64) std::atomic<std::size_t> idle_{0}; // workers without a job: asleep or looking
  std::vector<seen> seen_;                       // the watch only
  slot_watch watch_;                             // last: its thread uses all the others
};

/// One thread's part. All of it for that thread only.
template <class Job>
class alignas(64) job_scheduler<Job>::job_worker {
 public:
  explicit job_worker(job_scheduler& all) noexcept : all_(all) {}

  /// The next on this worker; the job that was to be next goes to the queue.
  void run_next(Job* job) {
    if (Job* const displaced = slot_.put(job))
      all_.push(displaced);
    all_.watch_.keep_awake();
  }

  /// A job that is at home here, after those that are already.
  void go_on_at_home(Job* job) {
    home_.push(job);
    all_.watch_.keep_awake();
  }

  /// To the queue at the end of this turn, after what the running job itself has pushed.
  void run_later(Job* job) {
    if (later_count_ == later_.size())
      all_.push(job); // more than a turn wakes: they lose nothing but their place
    else
      later_[later_count_++] = job;
  }

  /// To the end of the queue, at the end of a turn: the job that had it, say. Others are woken by take(), and
  /// only if this worker does not take the job itself.
  void run_again(Job* job) {
    all_.queue_.push(job);
    brought_ = true;
  }

  /// Ends the turn; sleeps while there is no job. Null: closed, and the queue is drained.
  Job* take();

 private:
  friend class job_scheduler;
  using clock = std::chrono::steady_clock; // the machine's: the simulator has a scheduler of its own

  static constexpr unsigned budget = 32;
  // The owner most often takes it itself: stealing costs both their caches.
  static constexpr auto before_stealing = std::chrono::microseconds{20};

  Job* choose();
  Job* pop();
  bool work_waits() const noexcept { return home_.waiting() != 0 || all_.queue_.waiting() != 0; }
  Job* wait_for_job();
  Job* look_for_job();
  Job* nap();

  job_scheduler& all_;
  unsigned own_turns_ = 0; // in a row, from the slot or the home
  bool home_first_ = false;
  bool brought_ = false; // something to the queue, and nobody was woken for it
  std::size_t later_count_ = 0;
  std::array<Job*, 16> later_{};
  spin_credit credit_;
  nap_guess naps_;
  clock::time_point busy_since_ = clock::now();
  parking::place place_;
  // Read by others, on a line of their own.
  alignas(64) next_slot<Job> slot_;
  std::atomic<std::uint64_t> turn_{0};
  std::atomic<state> state_{state::awake};
  job_queue<Job> home_;
};

template <class Job>
job_scheduler<Job>::job_scheduler(std::size_t workers)
    : parking_(workers), workers_([&] {
        std::vector<std::unique_ptr<job_worker>> made;
        for (std::size_t i = 0; i < workers; ++i)
          made.push_back(std::make_unique<job_worker>(*this));
        return made;
      }()),
      seen_(workers), watch_([this] { return free_stuck_jobs(); }) {}

template <class Job>
Job* job_scheduler<Job>::job_worker::take() {
  for (std::size_t i = 0; i < later_count_; ++i)
    run_again(later_[i]);
  later_count_ = 0;
  Job* const job = choose();
  if (std::exchange(brought_, false) && all_.queue_.waiting() != 0)
    all_.parking_.wake_one();
  turn_.store(turn_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return job;
}

template <class Job>
Job* job_scheduler<Job>::job_worker::choose() {
  const bool own_first = ++own_turns_ <= budget || !work_waits();
  if (Job* const job = slot_.take()) {
    if (own_first)
      return job;
    run_again(job);
  }
  if (own_first && !all_.queue_.drained())
    if (Job* const job = home_.pop())
      return job;
  own_turns_ = 0;
  if (Job* const job = pop()) {
    brought_ = true; // whoever is woken wakes the next
    return job;
  }
  return wait_for_job();
}

template <class Job>
Job* job_scheduler<Job>::job_worker::pop() {
  if (all_.queue_.drained())
    return nullptr; // the end: those at home might feed each other for ever
  home_first_ = !home_first_;
  job_queue<Job>& first = home_first_ ? home_ : all_.queue_;
  job_queue<Job>& second = home_first_ ? all_.queue_ : home_;
  Job* const job = first.pop();
  return job != nullptr ? job : second.pop();
}

template <class Job>
Job* job_scheduler<Job>::job_worker::wait_for_job() {
  all_.idle_.fetch_add(1);
  const auto idle_since = clock::now();
  credit_.earn(idle_since - busy_since_);
  Job* job = nullptr;
  bool napped = false;
  for (;;) {
    job = look_for_job();
    if (job == nullptr) {
      job = nap();
      napped = job != nullptr;
    }
    if (job == nullptr && !all_.queue_.drained()) {
      all_.parking_.sleep(place_, [this] {
        state_.store(state::asleep);
        return work_waits();
      });
      state_.store(state::awake);
      job = pop();
      if (job == nullptr)
        job = all_.steal(*this);
      all_.parking_.end_looking();
    }
    if (job != nullptr || all_.queue_.drained())
      break;
  }
  all_.idle_.fetch_sub(1);
  busy_since_ = clock::now();
  napped ? naps_.came_in_nap() : naps_.came_after(busy_since_ - idle_since);
  if (all_.queue_.waiting() != 0)
    all_.parking_.wake_one(); // those who brought more have woken nobody while this one looked
  return job;
}

template <class Job>
Job* job_scheduler<Job>::job_worker::look_for_job() {
  if (Job* const job = pop())
    return job;
  // Only another worker that runs something can bring work within microseconds; one looker for each of them.
  const std::size_t running = all_.size() - std::min(all_.size(), all_.idle_.load());
  if (running == 0 || credit_.left().count() == 0 || !all_.parking_.begin_looking(running))
    return nullptr;
  const auto start = clock::now();
  Job* job = nullptr;
  clock::duration looked{0};
  do {
    for (int i = 0; i < 16 && !work_waits(); ++i)
      pause_processor();
    job = pop();
    looked = clock::now() - start;
    if (job == nullptr && looked > before_stealing)
      job = all_.steal(*this);
  } while (job == nullptr && looked < credit_.left() && !all_.queue_.drained() &&
           all_.idle_.load(std::memory_order_relaxed) < all_.size());
  all_.parking_.end_looking();
  credit_.spend(looked);
  return job;
}

/// One, while those who bring work take it for one that looks. Not while another runs: what that brings comes
/// at once, and is worth being woken for.
template <class Job>
Job* job_scheduler<Job>::job_worker::nap() {
  if (!naps_.pays() || all_.idle_.load() < all_.size() || all_.queue_.drained() ||
      !all_.parking_.begin_looking(1))
    return nullptr;
  Job* job = pop();
  if (job == nullptr) {
    all_.parking_.nap(place_, nap_guess::nap, [this] { return work_waits(); });
    job = pop();
    if (job == nullptr)
      job = all_.steal(*this);
  }
  all_.parking_.end_looking();
  return job;
}

template <class Job>
Job* job_scheduler<Job>::steal(const job_worker& thief) noexcept {
  for (auto& w : workers_)
    if (w.get() != &thief) {
      if (Job* const job = w->slot_.take())
        return job;
      if (Job* const job = w->home_.pop())
        return job;
    }
  return nullptr;
}

template <class Job>
bool job_scheduler<Job>::free_stuck_jobs() {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    auto& w = *workers_[i];
    const seen now{w.slot_.look(), w.home_.waiting() != 0, w.turn_.load(std::memory_order_relaxed)};
    if (now == seen_[i]) { // what is taken is the same, or was put there since: in either case none is lost
      if (now.job != nullptr)
        if (Job* const job = w.slot_.take())
          push(job);
      if (now.at_home)
        while (Job* const job = w.home_.pop())
          push(job);
    }
    seen_[i] = now;
  }
  return idle_.load() < workers_.size();
}

} // namespace weir::detail
