#pragma once

// The CAF module that runs actors Weir's way: a job_scheduler of CAF's resumables, a thread for each of
// its workers, and the clock that CAF's delayed messages need. Loaded by configure() in
// scheduler_policy.hpp.
//
// Invariants:
//  1. CAF gives a reference with each job that it hands in; it is released when the job awaits messages or
//     is done, and at the end for those that never ran.
//  2. An exception that leaves an actor's turn ends that actor (reason: unhandled_exception; its monitors
//     hear of it) and no worker.
//  3. A thread that has made an actor runnable may still be about to wake a worker when that actor, and
//     with it the last reason to wait, has ended: the scheduler stays until such visitors have left.
//  4. At the end what is in the queue runs once more; actors that would go on are ended.

#include <weir/runtime/scheduler/job_scheduler.hpp>

#include <caf/actor_system.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace weir::detail {

class coordinator final : public caf::scheduler::abstract_coordinator {
 public:
  explicit coordinator(caf::actor_system& system);
  ~coordinator() override;
  /// For actor_system_config::load.
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new coordinator(system);
  }

  /// From an actor's turn as if it had sent with its execution unit, else to the end of the queue.
  void enqueue(caf::resumable* job) override {
    if (caf::execution_unit* const here = running_on(*this)) {
      here->exec_later(job);
      return;
    }
    const visit visits{*this};
    jobs_->push(job);
  }
  caf::detail::thread_safe_actor_clock& clock() noexcept override { return clock_; }

  /// To send with it to an actor that keeps much memory: the actor runs on the same thread each time, of as
  /// many as there are (`number` modulo those), unless that thread has no time for it or sleeps.
  caf::execution_unit& home(std::size_t number) noexcept;

 protected:
  void start() override;
  void stop() override;

 private:
  using scheduler = job_scheduler<caf::resumable>;
  class visit { // see invariant 3
   public:
    explicit visit(coordinator& of) noexcept : of_(of) {
      of_.visitors_.fetch_add(1, std::memory_order_relaxed);
    }
    ~visit() { of_.visitors_.fetch_sub(1, std::memory_order_release); }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

   private:
    coordinator& of_;
  };
  class unit;
  class home_unit;

  /// The worker whose thread this is; null on others, and on workers of another coordinator.
  static caf::execution_unit* running_on(const coordinator& jobs) noexcept;
  void work(std::size_t worker);
  static caf::resumable::resume_result turn(caf::resumable& job, unit& on, std::size_t throughput);
  static void end_thrower(caf::resumable& job, unit& on, const char* what) noexcept;
  template <class Body>
  std::thread start_thread(const char* name, Body body);

  caf::detail::thread_safe_actor_clock clock_;
  std::optional<scheduler> jobs_; // from start() on: the number of workers is known then
  std::atomic<std::size_t> visitors_{0};
  std::vector<std::unique_ptr<home_unit>> homes_;
  std::vector<std::thread> threads_;
  std::thread timer_;
};

} // namespace weir::detail
