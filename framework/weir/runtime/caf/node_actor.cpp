#include <weir/runtime/caf/node_actor.hpp>

#include <weir/runtime/caf/deferred_wakeups.hpp>
#include <weir/runtime/process/worker_process.hpp>
#include <weir/runtime/remote_places.hpp>

#include <caf/actor_cast.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/send.hpp>

#include <utility>

namespace weir::detail {

namespace {

/// A worker of isolation `shared` beside others: an actor of its own. What is thrown beside user code (no
/// memory) ends it; its death is told to the node by its last act.
class worker_actor final : public caf::event_based_actor {
 public:
  worker_actor(caf::actor_config& cfg, std::unique_ptr<worker_core> core,
               std::shared_ptr<answer_gate> answers)
      : caf::event_based_actor(cfg), core_(std::move(core)), answers_(std::move(answers)) {
    set_exception_handler([](std::exception_ptr&) { return caf::exit_reason::unhandled_exception; });
  }
  caf::behavior make_behavior() override {
    return {[this](task_message& m) {
      const task t = std::exchange(m.what, {});
      answers_->put(answer_of(*core_, t));
    }};
  }
  void on_exit() override {
    core_.reset();
    answers_.reset();
  }
  const char* name() const override { return "weir.worker"; }

 private:
  std::unique_ptr<worker_core> core_;
  std::shared_ptr<answer_gate> answers_;
};

class actor_handle final : public worker_handle {
 public:
  actor_handle(caf::actor to, std::shared_ptr<watched_call> call, caf::execution_unit* home)
      : to_(std::move(to)), call_(std::move(call)), home_(home) {}
  ~actor_handle() override { caf::anon_send_exit(to_, caf::exit_reason::user_shutdown); }
  void submit(task t) override {
    to_->eq_impl(caf::make_message_id(), nullptr, home_, task_message{std::move(t)});
  }
  std::shared_ptr<watched_call> call() const override { return call_; }

 private:
  caf::actor to_;
  std::shared_ptr<watched_call> call_;
  caf::execution_unit* home_;
};

} // namespace

node_actor::node_actor(caf::actor_config& cfg, executor& on, std::shared_ptr<run_state> run,
                       std::uint32_t node, std::shared_ptr<run_actors> peers, caf::actor supervisor)
    : caf::event_based_actor(cfg), on_(on), run_(std::move(run)), node_(node), peers_(std::move(peers)),
      supervisor_(std::move(supervisor)) {
  answers_ = std::make_shared<answer_gate>([self = caf::actor_cast<caf::actor_addr>(this)](answer a) {
    if (auto to = caf::actor_cast<caf::actor>(self))
      // In the lane of control: news that the worker hangs must not overtake what it has already answered.
      caf::anon_send<caf::message_priority::high>(to, answer_message{std::move(a)});
  });
  core_ = std::make_unique<node_core>(run_, node_, *this);
  if (run_->nodes[node_].definition.keys && runs_inline())
    home_ = on_.home(node_);
}

caf::behavior node_actor::make_behavior() {
  return {
      [this](answer_message& m) { guarded([&] { core_->answered(std::move(m.what)); }); },
      [this](lost_message& m) {
        guarded([&] { core_->worker_lost(m.worker, m.incarnation, m.kind, std::move(m.why)); });
      },
      [this](control_message m) {
        switch (m.what) {
        case order::start:
          guarded([&] { core_->start(); });
          return;
        case order::drain:
          guarded([&] { core_->drain(); });
          return;
        case order::replay:
          guarded([&] { core_->replay(); });
          return;
        case order::stop:
          core_->stop();
          end();
        }
      },
  };
}

template <class Event>
void node_actor::guarded(Event event) {
  more_ = false;
  try {
    event();
    core_->advance();
  } catch (...) { // user code outside tasks: a record's copy constructor, memory
    core_->give_up(error_from(std::current_exception()));
    return;
  }
  if (core_->done())
    end();
}

void node_actor::end() {
  // The node's objects end before the run does: a sink that flushes in its destructor has flushed by then.
  answers_->close();
  core_.reset();
  send(supervisor_, node_done_message{node_});
  quit();
}

void node_actor::on_exit() {
  inbox_.close();
  answers_->close();
  core_.reset();
  supervisor_ = nullptr;
  peers_.reset();
}

void node_actor::deliver(edge& e, batch_ptr batch, std::uint32_t lane) {
  peers_->at[e.to]->receive(std::make_unique<parcel>(parcel{&e, std::move(batch), lane}), context());
}

void node_actor::deliver_end(edge& e) {
  peers_->at[e.to]->receive(std::make_unique<parcel>(parcel{.on = &e}), context());
}

void node_actor::wake_sender(edge& e) {
  const deferred_wakeups::scope later; // the node just fed runs before the one that can feed again
  peers_->at[e.from]->be_woken(context());
}

void node_actor::receive(std::unique_ptr<parcel> p, caf::execution_unit* on) {
  if (inbox_.push(std::move(p)))
    wake(on);
}

void node_actor::be_woken(caf::execution_unit* on) {
  woken_.store(true);
  wake(on);
}

/// As CAF does when a message reaches a blocked mailbox.
void node_actor::wake(caf::execution_unit* on) {
  if (!mailbox().blocked() || !mailbox().try_unblock())
    return; // it is awake, or somebody else wakes it
  caf::intrusive_ptr_add_ref(ctrl());
  if (home_ != nullptr)
    home_->exec_later(this);
  else if (on != nullptr)
    on->exec_later(this);
  else
    home_system().scheduler().enqueue(this);
}

std::function<void()> node_actor::make_waker() {
  return [self = caf::actor_cast<caf::actor_addr>(this)] {
    if (const auto to = caf::actor_cast<caf::actor>(self))
      static_cast<node_actor*>(caf::actor_cast<caf::abstract_actor*>(to))->be_woken(nullptr);
  };
}

void node_actor::wake_at(time_point when) {
  if (when >= wake_at_)
    return; // the pending timer comes no later
  wake_at_ = when;
  on_.at(when, make_waker());
}

void node_actor::wake_soon() { more_ = true; }

bool node_actor::has_work() const noexcept { return more_ || woken_.load() || !inbox_.empty(); }

void node_actor::work(std::size_t most) {
  if (woken_.exchange(false) && on_.time()->now() >= wake_at_)
    wake_at_ = time_point::max();
  guarded([&] {
    for (std::size_t n = 0; n < most; ++n) {
      const auto p = inbox_.pop();
      if (!p)
        break;
      if (p->batch)
        core_->receive(*p->on, std::move(p->batch), p->lane);
      else
        core_->receive_end(*p->on);
    }
  });
}

caf::resumable::resume_result node_actor::resume(caf::execution_unit* on, std::size_t max_messages) {
  const auto said = run_turn(on, max_messages);
  if (said != resume_later || home_ == nullptr)
    return said;
  caf::intrusive_ptr_add_ref(ctrl());
  const deferred_wakeups::scope later; // those that it has fed go first
  home_->exec_later(this);
  return awaiting_message; // of this thread it wants no more: another may be running it already
}

caf::resumable::resume_result node_actor::run_turn(caf::execution_unit* on, std::size_t max_messages) {
  if (core_)
    core_->begin_turn();
  for (std::size_t n = 0; n < max_messages; ++n) {
    if (!mailbox().empty()) {
      const auto said = caf::event_based_actor::resume(on, 1);
      if (said == awaiting_message && (!has_work() || !mailbox().try_unblock()))
        return said; // asleep, or awake by somebody who has seen to it that it runs
      if (said == done || said == shutdown_execution_unit)
        return said;
    } else {
      if (!activate(on))
        return done;
      if (has_work()) {
        work(max_messages); // one at a time in a simulation: more orders of events
        if (finalize())
          return done;
      } else if (mailbox().try_block() && (!has_work() || !mailbox().try_unblock())) {
        return awaiting_message;
      }
    }
    if (more_ || (core_ && core_->turn_spent()))
      break;
  }
  return resume_later;
}

void node_actor::wake_when_readable(int descriptor) { on_.when_readable(descriptor, make_waker()); }

isolation node_actor::where() const {
  const auto& options = run_->nodes[node_].definition.options;
  if (options.isolation == isolation::process && !run_->nursery)
    return isolation::thread; // a simulation: its threads die, too
  return options.isolation != isolation::automatic ? options.isolation
         : options.timeout.count() > 0             ? isolation::thread
                                                   : isolation::shared;
}

bool node_actor::runs_inline() const {
  return where() == isolation::shared && run_->nodes[node_].definition.options.workers.most() == 1 &&
         !(run_->remote && run_->remote->spreads(node_));
}

std::unique_ptr<worker_handle> node_actor::make_worker(std::unique_ptr<worker_core> core) {
  if (where() == isolation::thread)
    return on_.start_worker(run_, std::move(core), answers_);
  auto call = core->call();
  // The state of its keys is best where it was; a batch without a state, where it was made.
  caf::execution_unit* const home =
      run_->nodes[node_].definition.keys ? on_.home(node_ + core->worker()) : nullptr;
  return std::make_unique<actor_handle>(on_.spawn<worker_actor>(std::move(core), answers_), std::move(call),
                                        home);
}

/// How a worker elsewhere says that it is no more.
std::function<void(failure_kind, error)> node_actor::loss_of(std::uint32_t worker,
                                                             std::uint32_t incarnation) {
  return [self = caf::actor_cast<caf::actor_addr>(this), worker, incarnation](failure_kind kind, error why) {
    if (auto to = caf::actor_cast<caf::actor>(self))
      caf::anon_send<caf::message_priority::high>(to,
                                                  lost_message{worker, incarnation, kind, std::move(why)});
  };
}

std::unique_ptr<worker_handle> node_actor::make_remote_worker(remote_place at, std::uint32_t worker,
                                                              std::uint32_t incarnation,
                                                              std::optional<crash_report> last_crash) {
  return run_->remote->start(at, {node_, worker, incarnation, std::move(last_crash)}, answers_,
                             loss_of(worker, incarnation));
}

std::unique_ptr<worker_handle> node_actor::make_process_worker(std::uint32_t worker,
                                                               std::uint32_t incarnation,
                                                               std::optional<crash_report> last_crash) {
  return make_worker_process(run_, {node_, worker, incarnation, std::move(last_crash)}, answers_,
                             loss_of(worker, incarnation));
}

void node_actor::watch(const std::shared_ptr<watched_call>& call, std::uint32_t worker,
                       std::uint32_t incarnation) {
  const auto& options = run_->nodes[node_].definition.options;
  const error why = transient("the worker did not return within its timeout of " + to_text(options.timeout));
  if (where() != isolation::shared) {
    on_.watch(call, options.timeout, options.grace,
              [lost = loss_of(worker, incarnation), why] { lost(failure_kind::timeout, why); });
    return;
  }
  // On the scheduler's own threads nothing can be left behind.
  on_.watch(call, options.timeout, options.grace, [run = run_, node = node_, why] {
    run->end_by_force(permanent(why.what + " and cannot be left behind", "node '" + run->nodes[node].id + "'",
                                "give the node isolation 'thread'"));
  });
}

void node_actor::failed(error why, run_status status) {
  on_.end_anyway(run_); // the others may hang
  send<caf::message_priority::high>(supervisor_, node_failed_message{node_, std::move(why), status});
}

} // namespace weir::detail
