#pragma once

// The executor of a simulation: CAF's testing scheduler, a clock that moves when told to, workers that hang
// without a thread. Everything happens in the calling thread, in an order that the seed decides.

#include <weir/runtime/caf/executor.hpp>
#include <weir/testkit/fault_plan.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::detail {

class simulated_machine final : public executor {
 public:
  explicit simulated_machine(std::shared_ptr<fault_plan> plan);
  ~simulated_machine() override;

  caf::actor_system& system() noexcept override { return system_; }
  const std::shared_ptr<const clock>& time() const noexcept override { return time_; }
  void at(time_point when, std::function<void()> call) override;
  void when_readable(int descriptor, std::function<void()> call) override;
  std::unique_ptr<worker_handle> start_worker(std::shared_ptr<run_state> run,
                                              std::unique_ptr<worker_core> core,
                                              std::shared_ptr<answer_gate> answers) override;
  void watch(const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
             std::function<void()> hung) override {
    dog_.watch(call, timeout, grace, std::move(hung));
  }

  void end_anyway(std::shared_ptr<run_state>) override {} // nothing really hangs

  /// One message of one actor, whichever the seed picks. False when none has any.
  bool run_one();
  /// The next timer.
  std::optional<time_point> next_timer() const noexcept;
  /// Moves the clock to `when` and calls what is due.
  void go_on_to(time_point when);
  /// The worker dies. False when there is none of that number apart from its node.
  bool crash(std::uint32_t node, std::uint32_t worker);
  /// A simulated worker is in a call that takes time: the watchdog must look.
  void keep_looking();
  fault_plan& plan() noexcept { return *plan_; }

 private:
  struct config : caf::actor_system_config {
    config();
  };
  struct timer {
    time_point when;
    std::uint64_t number;
    std::function<void()> call;
    friend bool operator>(const timer& a, const timer& b) noexcept {
      return std::tie(a.when, a.number) > std::tie(b.when, b.number);
    }
  };
  std::shared_ptr<fault_plan> plan_;
  std::shared_ptr<manual_clock> clock_ = std::make_shared<manual_clock>();
  std::shared_ptr<const weir::clock> time_ = clock_;
  watchdog dog_{time_};
  bool looking_ = false;
  std::vector<timer> timers_; // a heap, earliest first
  std::uint64_t next_number_ = 0;
  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& jobs_;
  struct made_worker {
    std::uint32_t node;
    std::uint32_t worker;
    caf::actor_addr actor;
  };
  std::vector<made_worker> workers_; ///< all that were ever made: some hang for ever
};

} // namespace weir::detail
