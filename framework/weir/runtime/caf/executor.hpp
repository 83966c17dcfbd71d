#pragma once

// The only way to concurrency: CAF's actor system set up the way Weir needs it, timers, and descriptors.
// Everything that spawns, waits or sleeps does it through an executor, so that a simulation can put another
// in its place.
//
// CAF's set-up (measured on 0.17.6): the default work-stealing policy puts an actor that is woken inside a
// worker at the front of that worker's own queue and wakes nobody, so that a busy pipeline starves all
// others, and its idle workers nap for up to 10 ms; work sharing is fair and wakes at once. max-throughput is
// bounded; no ini file is read from the working directory.

#include <weir/base/clock.hpp>
#include <weir/runtime/timer_thread.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace weir::detail {

class executor {
 public:
  /// `threads` for the scheduler; 0 = one a processor.
  explicit executor(std::uint32_t threads);

  caf::actor_system& system() noexcept { return system_; }
  const std::shared_ptr<const clock>& time() const noexcept { return time_; }

  template <class Actor, class... Args>
  caf::actor spawn(Args&&... args) {
    return system_.spawn<Actor>(std::forward<Args>(args)...);
  }
  void at(time_point when, std::function<void()> call) { timers_.at(when, std::move(call)); }
  void when_readable(int descriptor, std::function<void()> call) {
    timers_.when_readable(descriptor, std::move(call));
  }

 private:
  struct config : caf::actor_system_config {
    explicit config(std::uint32_t threads);
  };
  std::shared_ptr<const clock> time_ = std::make_shared<steady_clock>();
  config config_;
  caf::actor_system system_;
  timer_thread timers_; // after the system: ends first, so no callback meets a system that is gone
};

} // namespace weir::detail
