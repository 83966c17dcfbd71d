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

/// What CAF sees of a worker: where a running actor puts those it wakes.
class coordinator::unit final : public caf::execution_unit {
 public:
  unit(caf::actor_system& system, scheduler::job_worker& jobs) : caf::execution_unit(&system), jobs_(jobs) {}
  void exec_later(caf::resumable* job) override {
    if (deferred_wakeups::wanted())
      jobs_.run_later(job);
    else
      jobs_.run_next(job);
  }

 private:
  scheduler::job_worker& jobs_;
};

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
    threads_.push_back(start_thread("weir.scheduler", [this, i] { work(jobs_->worker(i)); }));
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

void coordinator::work(scheduler::job_worker& jobs) {
  unit on{system(), jobs};
  while (caf::resumable* const job = jobs.take()) {
    // No dynamic_cast and logger lock for each turn, as in CAF's own worker: 60 ns, for the actor's id in
    // logs.
    switch (turn(*job, on, max_throughput())) {
    case caf::resumable::resume_later:
      jobs_->push(job);
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
               "error: %s left an actor's turn (actor '%s'): this is a fault of Weir: please report it\n",
               what, actor != nullptr ? actor->name() : "no actor");
  if (actor != nullptr)
    actor->cleanup(caf::make_error(caf::exit_reason::unhandled_exception), &on);
}

} // namespace weir::detail
