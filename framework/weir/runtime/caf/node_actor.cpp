#include <weir/runtime/caf/node_actor.hpp>

#include <weir/runtime/caf/deferred_wakeups.hpp>
#include <weir/runtime/process/worker_process.hpp>
#include <weir/runtime/remote_places.hpp>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace weir::detail {

node_actor::node_actor(caf::actor_config& cfg, executor& on, std::shared_ptr<run_state> run,
                       std::uint32_t node, std::shared_ptr<run_actors> peers, caf::actor supervisor)
    : inbox_actor(cfg), on_(on), run_(std::move(run)), node_(node), peers_(std::move(peers)),
      supervisor_(std::move(supervisor)) {
  answers_ = std::make_shared<answer_gate>([self = caf::actor_cast<caf::actor_addr>(this)](answer a) {
    if (auto to = caf::actor_cast<caf::actor>(self))
      // In the lane of control: news that the worker hangs must not overtake what it has already answered.
      caf::anon_send<caf::message_priority::high>(to, answer_message{std::move(a)});
  });
  core_ = std::make_unique<node_core>(run_, node_, *this);
  if (run_->nodes[node_].definition.keys && runs_inline())
    live_at(on_.home(node_));
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
          stop();
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

void node_actor::stop() {
  try {
    take_answers(SIZE_MAX); // what a worker has done is done
  } catch (...) {
    core_->give_up(error_from(std::current_exception()));
  }
  core_->stop();
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
  near_answers_.close();
  answers_->close();
  core_.reset();
  supervisor_ = nullptr;
  peers_.reset();
}

void node_actor::deliver(edge& e, batch_ptr batch, std::uint32_t lane) {
  // What is split by key is for workers that are elsewhere: the receiver only passes it on, and all wait for
  // who splits. So the receiver is not next here, but for whoever is free.
  std::optional<deferred_wakeups::scope> later;
  if (e.keys)
    later.emplace();
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

void node_actor::receive_answer(std::unique_ptr<worker_actor::errand> done, caf::execution_unit* on) {
  if (near_answers_.push(std::move(done)))
    wake(on);
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

bool node_actor::has_work() const noexcept {
  return more_ || woken_.load() || !near_answers_.empty() || !inbox_.empty();
}

/// At most so many; how many there were.
std::size_t node_actor::take_answers(std::size_t most) {
  std::size_t n = 0;
  for (; n < most; ++n) {
    const auto done = near_answers_.pop();
    if (!done)
      break;
    core_->answered(std::move(done->said));
  }
  return n;
}

void node_actor::work(std::size_t most) {
  if (woken_.exchange(false) && on_.time()->now() >= wake_at_)
    wake_at_ = time_point::max();
  guarded([&] {
    for (std::size_t n = take_answers(most); n < most; ++n) {
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

void node_actor::begin_turn() {
  if (core_)
    core_->begin_turn();
}

bool node_actor::turn_over() const { return more_ || (core_ && core_->turn_spent()); }

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
  auto answers = [self = caf::actor_cast<caf::actor_addr>(this)](std::unique_ptr<worker_actor::errand> done,
                                                                 caf::execution_unit* on) {
    if (const auto to = caf::actor_cast<caf::actor>(self))
      static_cast<node_actor*>(caf::actor_cast<caf::abstract_actor*>(to))
          ->receive_answer(std::move(done), on);
  };
  return std::make_unique<worker_actor_handle>(
      on_.spawn<worker_actor>(std::move(core), std::move(answers), home), std::move(call));
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
