#pragma once

// The actor of a node: a shell that owns the mailbox, an inbox for batches, and nothing else. Every event
// goes to the core, and what the core asks for is carried out here. User code's exceptions never reach CAF:
// the core catches them.
//
// Batches, ends of streams, wake-ups and the answers of workers that are actors do not travel as messages
// (inbox.hpp says why); the mailbox, for control and for workers elsewhere, goes first, then answers.

#include <weir/runtime/caf/executor.hpp>
#include <weir/runtime/caf/inbox_actor.hpp>
#include <weir/runtime/caf/messages.hpp>
#include <weir/runtime/caf/worker_actor.hpp>
#include <weir/runtime/node_core.hpp>
#include <weir/runtime/scheduler/inbox.hpp>
#include <weir/runtime/worker_thread.hpp>

#include <atomic>
#include <memory>
#include <vector>

namespace weir::detail {

class node_actor;

/// The actors of one run, by node. Filled before the first message, emptied by the supervisor at the end, so
/// that no two actors keep each other alive.
struct run_actors {
  std::vector<caf::actor> nodes;
  std::vector<node_actor*> at; ///< the same; valid while `nodes` holds them
};

class node_actor final : public inbox_actor, public node_host {
 public:
  node_actor(caf::actor_config& cfg, executor& on, std::shared_ptr<run_state> run, std::uint32_t node,
             std::shared_ptr<run_actors> peers, caf::actor supervisor);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.node"; }

  /// A batch on an edge; without one it is the end of the stream on that edge.
  struct parcel {
    edge* on = nullptr;
    batch_ptr batch = nullptr;
    std::uint32_t lane = 0;
    parcel* next = nullptr;
  };
  /// Something for its inbox. `on` is the sender's execution unit, or null. Any thread.
  void receive(std::unique_ptr<parcel> p, caf::execution_unit* on);
  /// Of a worker that is an actor. `on` is its execution unit, or null. Any thread.
  void receive_answer(std::unique_ptr<worker_actor::errand> done, caf::execution_unit* on);
  /// The core should look what it can do. Any thread.
  void be_woken(caf::execution_unit* on);

 private:
  void deliver(edge& e, batch_ptr batch, std::uint32_t lane) override;
  void deliver_end(edge& e) override;
  void wake_sender(edge& e) override;
  void wake_at(time_point when) override;
  void wake_soon() override;
  void wake_when_readable(int descriptor) override;
  std::function<void()> make_waker() override;
  bool runs_inline() const override;
  bool loses_workers() const override { return where() != isolation::shared; }
  bool in_processes() const override { return where() == isolation::process; }
  std::unique_ptr<worker_handle> make_worker(std::unique_ptr<worker_core> core) override;
  std::unique_ptr<worker_handle> make_process_worker(std::uint32_t worker, std::uint32_t incarnation,
                                                     std::optional<crash_report> last_crash) override;
  std::unique_ptr<worker_handle> make_remote_worker(remote_place at, std::uint32_t worker,
                                                    std::uint32_t incarnation,
                                                    std::optional<crash_report> last_crash) override;
  void watch(const std::shared_ptr<watched_call>& call, std::uint32_t worker,
             std::uint32_t incarnation) override;
  void failed(error why, run_status status) override;
  /// Brings an event to the core and lets it go on; whatever is thrown ends the run, not the actor.
  template <class Event>
  void guarded(Event event);
  void begin_turn() override;
  /// A batch's worth of records has moved: the node that was fed runs while its input is in this core's
  /// cache.
  bool turn_over() const override;
  bool has_work() const noexcept override;
  /// Takes in what has come, and lets the core go on.
  void work(std::size_t most) override;
  std::size_t take_answers(std::size_t most);
  void stop();
  void end();
  isolation where() const;
  std::function<void(failure_kind, error)> loss_of(std::uint32_t worker, std::uint32_t incarnation);

  executor& on_;
  std::shared_ptr<run_state> run_;
  std::uint32_t node_;
  std::shared_ptr<run_actors> peers_;
  caf::actor supervisor_;
  std::shared_ptr<answer_gate> answers_;
  std::unique_ptr<node_core> core_;
  time_point wake_at_ = time_point::max(); ///< the one pending timer
  bool more_ = false;                      ///< the core asked for another turn
  inbox<worker_actor::errand> near_answers_;
  inbox<parcel> inbox_;
  std::atomic<bool> woken_{false};
};

} // namespace weir::detail
