#include <weir/runtime/caf/coordinator.hpp>

#include <weir/runtime/caf/deferred_wakeups.hpp>

#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/logger.hpp>
#include <caf/scheduled_actor.hpp>

#include <cstdio>
#include <exception>
#include <utility>

#include <pthread.h>

namespace weir::detail {

/// What CAF sees of a worker: where a running actor puts those it wakes. Lives on that worker's thread.
class coordinator::unit final : public caf::execution_unit {
 public:
  unit(coordinator& of, std::size_t worker)
      : caf::execution_unit(&of.system()), of_(of), worker_(worker), jobs_(of.jobs_->worker(worker)) {
    current = this;
  }
  ~unit() override { current = nullptr; }
  unit(const unit&) = delete;
  unit& operator=(const unit&) = delete;

  static unit* here(const coordinator& of) noexcept {
    return current != nullptr && &current->of_ == &of ? current : nullptr;
  }
  bool is(std::size_t worker) const noexcept { return worker_ == worker; }
  void exec_later(caf::resumable* job) override {
    if (deferred_wakeups::wanted())
      jobs_.run_later(job);
    else
      jobs_.run_next(job);
  }
  void exec_at_home(caf::resumable* job) {
    if (deferred_wakeups::wanted())
      jobs_.go_on_at_home(job);
    else
      jobs_.run_next(job);
  }

 private:
  static inline constinit thread_local unit* current = nullptr;

  const coordinator& of_;
  const std::size_t worker_;
  scheduler::job_worker& jobs_;
};

/// Where an actor waits for the worker that has its memory at hand.
class coordinator::home_unit final : public caf::execution_unit {
 public:
  home_unit(coordinator& of, std::size_t worker)
      : caf::execution_unit(&of.system()), of_(of), worker_(worker) {}
  void exec_later(caf::resumable* job) override {
    unit* const here = unit::here(of_);
    if (here != nullptr && here->is(worker_)) {
      here->exec_at_home(job);
      return;
    }
    const visit visits{of_};
    if (!of_.jobs_->push_home(worker_, job))
      of_.enqueue(job);
  }

 private:
  coordinator& of_;
  std::size_t worker_;
};

coordinator::coordinator(caf::actor_system& system) : abstract_coordinator(system) {}
coordinator::~coordinator() = default;

caf::execution_unit& coordinator::home(std::size_t number) noexcept {
  return *homes_[number % homes_.size()];
}

caf::execution_unit* coordinator::running_on(const coordinator& jobs) noexcept { return unit::here(jobs); }

template <class Body>
std::thread coordinator::start_thread(const char* name, Body body) {
  return std::thread{[this, name, body = std::move(body)] {
    CAF_SET_LOGGER_SYS(&system());
    pthread_setname_np(pthread_self(), name);
    system().thread_started();
    body();
    system().thread_terminates();
  }};
}

void coordinator::start() {
  jobs_.emplace(num_workers());
  for (std::size_t i = 0; i < jobs_->size(); ++i)
    homes_.push_back(std::make_unique<home_unit>(*this, i));
  for (std::size_t i = 0; i < jobs_->size(); ++i)
    threads_.push_back(start_thread("weir.scheduler", [this, i] { work(i); }));
  timer_ = start_thread("weir.clock", [this] { clock_.run_dispatch_loop(); });
  abstract_coordinator::start();
}

void coordinator::stop() {
  jobs_->close();
  for (auto& t : threads_)
    t.join();
  while (visitors_.load(std::memory_order_acquire) != 0)
    std::this_thread::yield(); // a few instructions, unless one of them has lost its processor
  stop_actors();               // the printer has a thread of its own
  jobs_->take_rest(&cleanup_and_release);
  clock_.cancel_dispatch_loop();
  timer_.join();
}

void coordinator::work(std::size_t worker) {
  scheduler::job_worker& jobs = jobs_->worker(worker);
  unit on{*this, worker};
  while (caf::resumable* const job = jobs.take()) {
    // No dynamic_cast and logger lock for each turn, as in CAF's own worker: 60 ns, for the actor's id in
    // logs.
    switch (turn(*job, on, max_throughput())) {
    case caf::resumable::resume_later:
      jobs.run_again(job);
      break;
    case caf::resumable::awaiting_message:
    case caf::resumable::done:
    case caf::resumable::shutdown_execution_unit: // only CAF's own coordinators send that order
      caf::intrusive_ptr_release(job);
    }
  }
}

caf::resumable::resume_result coordinator::turn(caf::resumable& job, unit& on, std::size_t throughput) {
  // CAF catches what user code throws; this is for what escapes it, such as a throw from on_exit().
  try {
    return job.resume(&on, throughput);
  } catch (const std::exception& e) {
    end_thrower(job, on, e.what());
  } catch (...) {
    end_thrower(job, on, "an exception of unknown type");
  }
  return caf::resumable::done;
}

void coordinator::end_thrower(caf::resumable& job, unit& on, const char* what) noexcept {
  auto* const actor = dynamic_cast<caf::scheduled_actor*>(&job);
  std::fprintf(stderr,
               "error: exception '%s' left an actor's turn (actor '%s'): please report it, a fault of Weir\n",
               what, actor != nullptr ? actor->name() : "none");
  if (actor != nullptr)
    actor->cleanup(caf::make_error(caf::exit_reason::unhandled_exception), &on);
}

} // namespace weir::detail
