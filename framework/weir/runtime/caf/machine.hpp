#pragma once

// The executor of the real machine: actors on Weir's scheduler, threads, the steady clock.
//
// CAF's set-up (measured on 0.17.6): CAF's own work stealing puts an actor that is woken inside a worker
// at the front of that worker's queue and wakes nobody, so that a busy pipeline starves all others, and
// its idle workers nap for up to 10 ms; its work sharing is fair, but slower. Weir brings a scheduler of
// its own (coordinator.hpp), which is fair and faster than both. The turns of an actor are bounded
// (messages_a_turn); no ini file is read from the working directory.

#include <weir/runtime/caf/executor.hpp>
#include <weir/runtime/timer_thread.hpp>
#include <weir/supervision/watchdog.hpp>

#include <caf/actor_system_config.hpp>

#include <cstdint>

namespace weir::detail {

class machine final : public executor {
 public:
  /// `threads` for the scheduler; 0 = one a processor.
  explicit machine(std::uint32_t threads);

  caf::actor_system& system() noexcept override { return system_; }
  caf::execution_unit* home(std::size_t number) noexcept override;
  const std::shared_ptr<const clock>& time() const noexcept override { return time_; }
  void at(time_point when, std::function<void()> call) override { timers_.at(when, std::move(call)); }
  void when_readable(int descriptor, std::function<void()> call) override {
    timers_.when_readable(descriptor, std::move(call));
  }
  std::unique_ptr<worker_handle> start_worker(std::shared_ptr<run_state> run,
                                              std::unique_ptr<worker_core> core,
                                              std::shared_ptr<answer_gate> answers) override {
    return make_worker_thread(std::move(run), std::move(core), std::move(answers));
  }
  void watch(const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
             std::function<void()> hung) override {
    watchdog_.watch(call, timeout, grace, std::move(hung));
  }
  void end_anyway(std::shared_ptr<run_state> run) override;

 private:
  struct config : caf::actor_system_config {
    explicit config(std::uint32_t threads);
  };
  std::shared_ptr<const clock> time_ = std::make_shared<steady_clock>();
  config config_;
  caf::actor_system system_;
  // After the system: these end first, so no callback meets a system that is gone.
  timer_thread timers_;
  watchdog_thread watchdog_{time_};
};

} // namespace weir::detail
