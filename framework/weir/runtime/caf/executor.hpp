#pragma once

// The only way to concurrency: actors, timers, descriptors, worker threads and the watchdog. Everything that
// spawns, waits or sleeps does it through an executor, so that a simulation can put another in its place.

#include <weir/base/clock.hpp>
#include <weir/runtime/node_core.hpp>
#include <weir/runtime/worker_thread.hpp>

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>

namespace weir::detail {

class executor {
 public:
  virtual ~executor() = default;

  virtual caf::actor_system& system() noexcept = 0;
  /// To send with it to an actor that keeps much memory: see coordinator::home(). Null: anywhere.
  virtual caf::execution_unit* home(std::size_t) noexcept { return nullptr; }
  virtual const std::shared_ptr<const clock>& time() const noexcept = 0;
  /// Calls once at `when` or a little later, on a thread of the executor: the call must be short.
  virtual void at(time_point when, std::function<void()> call) = 0;
  virtual void when_readable(int descriptor, std::function<void()> call) = 0;
  /// A worker whose user code may block.
  virtual std::unique_ptr<worker_handle> start_worker(std::shared_ptr<run_state> run,
                                                      std::unique_ptr<worker_core> core,
                                                      std::shared_ptr<answer_gate> answers) = 0;
  /// See watchdog::watch.
  virtual void watch(const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
                     std::function<void()> hung) = 0;

  /// The run has been told to stop: if it has not some time later, user code hangs, and it ends by force.
  virtual void end_anyway(std::shared_ptr<run_state> run) = 0;

  template <class Actor, class... Args>
  caf::actor spawn(Args&&... args) {
    return system().spawn<Actor>(std::forward<Args>(args)...);
  }
};

} // namespace weir::detail
