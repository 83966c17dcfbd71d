#pragma once

// A worker of isolation `shared` beside others: an actor of its own, with an inbox for tasks. Its user code
// cannot be left behind: it is lost with the process, or when memory is wanting, which its answer then says.

#include <weir/runtime/caf/inbox_actor.hpp>
#include <weir/runtime/node_core.hpp>
#include <weir/runtime/scheduler/inbox.hpp>

#include <caf/actor.hpp>

#include <functional>
#include <memory>

namespace weir::detail {

class worker_actor final : public inbox_actor {
 public:
  /// A task on its way to the worker, and on its way back what it came to: to answer takes no memory.
  struct errand {
    task what;
    answer said = {};
    errand* next = nullptr;
  };
  /// Where errands go that are done, with the execution unit of this turn; whether anybody takes them is not
  /// its business.
  using answer_call = std::function<void(std::unique_ptr<errand>, caf::execution_unit*)>;

  worker_actor(caf::actor_config& cfg, std::unique_ptr<worker_core> core, answer_call answers,
               caf::execution_unit* home);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.worker"; }

  /// Any thread.
  void receive(std::unique_ptr<errand> e);

 private:
  bool has_work() const noexcept override { return !inbox_.empty(); }
  void work(std::size_t most) override;

  std::unique_ptr<worker_core> core_;
  answer_call answers_;
  inbox<errand> inbox_;
};

/// Asks the actor to end when it goes.
class worker_actor_handle final : public worker_handle {
 public:
  worker_actor_handle(caf::actor to, std::shared_ptr<watched_call> call);
  ~worker_actor_handle() override;
  void submit(task t) override;
  std::shared_ptr<watched_call> call() const override { return call_; }

 private:
  caf::actor to_;
  worker_actor& worker_;
  std::shared_ptr<watched_call> call_;
};

} // namespace weir::detail
