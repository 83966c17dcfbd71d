#include <weir/runtime/mutation.hpp>
#include <weir/runtime/node_core_stage.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::detail {

namespace {
constexpr std::uint32_t no_edge = UINT32_MAX;
} // namespace

node_core::node_core(std::shared_ptr<run_state> run, std::uint32_t node, node_host& host)
    : run_(std::move(run)), index_(node), host_(host), definition_(run_->nodes[node].definition),
      figures_(*run_->figures[node]), out_(definition_.outputs.size()), pending_(definition_.outputs.size()) {
  for (const auto& e : run_->edges) {
    if (e->from == index_) {
      out_[e->port].push_back(e.get());
      if (e->keys)
        split_.push_back(e.get());
    }
    if (e->to == index_)
      ++open_inputs_;
  }
}

node_core::~node_core() = default;

void node_core::receive(edge& e, batch_ptr batch, std::uint32_t lane) {
  start(); // a batch may overtake the order to start
  if (done_ || stopped_ || !main_)
    return;
  if (definition_.role == node_role::sink && run_->taps[index_]->on()) [[unlikely]]
    run_->taps[index_]->see(*batch, now());
  main_->work.offer(std::move(batch), e.index, lane, now());
}

void node_core::receive_end(edge&) {
  start();
  if (open_inputs_ > 0 && --open_inputs_ == 0 && main_) {
    while (!run_->replays[index_]->close_if_empty())
      replay(); // the last that come in time
    main_->work.end_input();
  }
}

void node_core::answered(answer a) {
  if (done_ || stopped_ || !main_)
    return;
  if (a.died) {
    worker_lost(a.worker, a.incarnation, failure_kind::crash, std::move(*a.died));
    return;
  }
  if (!main_->work.fits(a)) {
    worker_lost(a.worker, a.incarnation, failure_kind::crash,
                transient("it answered about records that its task does not have"));
    return;
  }
  main_->work.commit(std::move(a), now());
}

void node_core::drain() { source_ended_ = true; }

void node_core::stop() {
  if (done_ || stopped_)
    return;
  stopped_ = true;
  // What was decided before is kept as decided.
  if (main_)
    take_outcome(*main_, std::nullopt);
  for (std::uint32_t p = 0; p < fused_.size(); ++p)
    if (fused_[p])
      take_outcome(*fused_[p], p);
  // What came over an edge and was not settled is counted by the edge; the rest is counted here.
  std::uint64_t left = emitted_ != nullptr ? emitted_->pending() : 0;
  for (const auto& port : pending_)
    for (const auto& b : port)
      left += b->size();
  for (const auto& f : fused_)
    if (f)
      left += f->work.in_hand();
  if (main_ && definition_.role == node_role::step && !main_->work.finished())
    left += figures_.aggregated.load(std::memory_order_relaxed); // went into a result that was not handed on
  for (const auto& waiting : letters_) {                         // decided, but kept nowhere
    waiting.of->dead_letters.fetch_sub(waiting.letters.size(), std::memory_order_relaxed);
    left += waiting.letters.size();
  }
  if (main_)
    left += main_->work.replays_in_hand();
  node_figures::add(figures_.undelivered, left);
  run_->shelf.put(run_->replays[index_]->close()); // these are dead letters still
  if (main_)
    main_->workers.clear();
}

void node_core::advance() {
  if (done_ || stopped_ || failed_ || !started_)
    return;
  const auto began = now();
  const auto until = began + longest_turn;
  note_time(began);
  if (main_ && main_->work.take_rebuild())
    rebuild(*main_);
  for (const auto& f : fused_)
    if (f && f->work.take_rebuild())
      rebuild(*f);
  if (main_ && run_->remote) // also while those behind are full: a lost worker must not keep this node's turn
    follow_places(*main_);
  if (main_)
    take_outcome(*main_, std::nullopt);
  bool again = true;
  time_point looked = began; ///< what was due by then has been seen to
  while (again && !stopped_ && !failed_) {
    looked = now();
    again = false;
    const bool clear = flush() && keep_waiting_letters();
    for (std::uint32_t p = 0; p < fused_.size(); ++p)
      if (fused_[p] && clear) {
        again |= work(*fused_[p], until);
        take_outcome(*fused_[p], p);
      }
    const bool fused_idle = std::ranges::all_of(fused_, [](const auto& f) { return !f || f->work.idle(); });
    if (main_ && clear && fused_idle) {
      again |= work(*main_, until);
      take_outcome(*main_, std::nullopt);
    }
    if (source_ && clear && fused_idle && !again)
      again = poll(until);
    if (again && (turn_spent() || now() >= until)) {
      flush();
      host_.wake_soon();
      break;
    }
  }
  if (stopped_ || failed_)
    return;
  if (holds_place_ && !main_->work.busy()) {
    holds_place_ = false;
    run_->concurrency.release();
    if (std::exchange(yields_place_, false))
      host_.wake_soon(); // gave the place back with work left: asks again, behind the others
  }
  finish_if_done();
  note_time(now());
  const bool blocked = std::ranges::any_of(pending_, [](const auto& p) { return !p.empty(); });
  spends_ = blocked                       ? &node_figures::backpressured_time
            : main_ && main_->work.busy() ? &node_figures::busy_time
                                          : &node_figures::idle_time;
  if (done_)
    return;
  if (main_)
    if (const auto due = main_->work.due(looked))
      host_.wake_at(*due);
  for (const auto& f : fused_)
    if (f)
      if (const auto due = f->work.due(looked))
        host_.wake_at(*due);
}

bool node_core::in_outage() const { return main_ && main_->work.in_outage(); }

/// The time since the last note was spent on what the node was then about.
void node_core::note_time(time_point now) {
  if (noted_ != time_point{})
    node_figures::add(figures_.*spends_, static_cast<std::uint64_t>((now - noted_).count()));
  noted_ = now;
  spends_ = &node_figures::busy_time; // until the end of this turn
}

void node_core::take_outcome(stage& s, std::optional<std::uint32_t> fused_port) {
  auto& ready = s.work.ready();
  while (!ready.empty()) {
    auto out = std::move(ready.front());
    ready.pop_front();
    if (fused_port)
      put(*fused_port, std::move(out.batch));
    else
      route(out.port, std::move(out.batch));
  }
  if (!s.work.dead().empty()) {
    auto dead = std::exchange(s.work.dead(), {});
    bury(dead, fused_port);
  }
  if (s.own_figures) // what a fused step did is part of what its node did
    for (const auto member : {&node_figures::filtered, &node_figures::errors, &node_figures::retries,
                              &node_figures::dead_letters, &node_figures::outages})
      node_figures::add(figures_.*member, ((*s.own_figures).*member).exchange(0, std::memory_order_relaxed));
  if (s.own_figures)
    for (const auto kinds : {&node_figures::errors_by, &node_figures::dead_letters_by})
      for (std::size_t k = 0; k < failure_kinds; ++k)
        node_figures::add((figures_.*kinds)[k],
                          ((*s.own_figures).*kinds)[k].exchange(0, std::memory_order_relaxed));
  for (event& e : s.work.news()) {
    e.node = run_->nodes[index_].id;
    run_->events.add(std::move(e));
  }
  s.work.news().clear();
  if (const error* cause = s.work.outage_cause())
    run_->note_cause(index_, *cause);
  if (const auto failed = s.work.take_failure()) [[unlikely]]
    run_->note_failure(index_, failed->first, failed->second);
  for (const auto& settled : s.work.settled())
    run_->edges[settled.edge]->settled.fetch_add(settled.records, std::memory_order_relaxed);
  s.work.settled().clear();
  for (const auto& granted : s.work.granted()) {
    edge& e = *run_->edges[granted.edge];
    if (e.grant(granted.lane))
      host_.wake_sender(e);
  }
  s.work.granted().clear();
  if (s.work.fatal() && !stopped_) {
    error why = std::move(*s.work.fatal());
    s.work.fatal().reset();
    if (why.where.empty())
      why.where = "node '" + run_->nodes[index_].id + "'";
    const auto status =
        why.kind == error_kind::exhausted ? run_status::drained_uncleanly : run_status::failed;
    fail(std::move(why), status);
  }
}

void node_core::give_up(error why) {
  if (why.where.empty())
    why.where = "node '" + run_->nodes[index_].id + "'";
  fail(std::move(why), run_status::failed);
}

void node_core::fail(error why, run_status status) {
  failed_ = true; // no more tasks, no more polls: the supervisor will stop the run
  host_.failed(std::move(why), status);
}

void node_core::route(std::uint32_t port, batch_ptr batch) {
  if (port < fused_.size() && fused_[port])
    fused_[port]->work.offer(std::move(batch), no_edge, 0, now());
  else
    put(port, std::move(batch));
}

void node_core::put(std::uint32_t port, batch_ptr batch) {
  if (run_->taps[index_]->on()) [[unlikely]]
    run_->taps[index_]->see(*batch, now());
  node_figures::add(figures_.sent, batch->size());
  pending_[port].push_back(std::move(batch));
}

bool node_core::flush() {
  bool clear = true;
  for (std::uint32_t p = 0; p < pending_.size(); ++p) {
    while (!pending_[p].empty() && send(p, pending_[p].front()))
      pending_[p].pop_front();
    clear &= pending_[p].empty();
  }
  for (edge* e : split_)
    if (lanes_may_go_ && e->lanes->waiting() > 0)
      for (std::uint32_t lane = 0; lane < e->partitions; ++lane)
        if (e->lanes->waiting(lane) && e->idle(lane))
          deliver(*e, e->lanes->take(lane), lane);
  return clear;
}

void node_core::deliver(edge& e, batch_ptr batch, std::uint32_t lane) {
  if (split_end_ && run_->taps[index_]->on()) [[unlikely]]
    run_->taps[index_]->see(*batch, now());
  e.sent_one(lane);
  host_.deliver(e, std::move(batch), lane);
}

bool node_core::send(std::uint32_t port, batch_ptr& batch) {
  for (edge* e : out_[port])
    if (!e->has_demand() && !broken(rule::demand))
      return false;
  if (out_[port].size() == 1 && !out_[port].front()->keys) {
    edge& e = *out_[port].front();
    e.sent.fetch_add(batch->size(), std::memory_order_relaxed);
    deliver(e, std::move(batch), 0); // not a copy: the receiver may want to be the only one
    return true;
  }
  // Splitting may throw (it copies records): it comes before the first edge gets anything.
  std::vector<std::vector<key_lanes::part>> parts(out_[port].size());
  std::vector<std::vector<key_failure>> keyless(out_[port].size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    edge& e = *out_[port][i];
    if (!e.keys) {
      parts[i].push_back({0, batch});
      continue;
    }
    groups_.resize(batch->size());
    e.keys(batch->record(0), nullptr, groups_, keyless[i]);
    e.lanes->add(*batch, groups_, parts[i]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    edge& e = *out_[port][i];
    const auto first = e.sent.fetch_add(batch->size(), std::memory_order_relaxed);
    bury_keyless(e, batch, keyless[i], first);
    for (auto& part : parts[i])
      deliver(e, std::move(part.batch), part.lane);
  }
  return true;
}

void node_core::finish_if_done() {
  if (main_ && !main_->work.finished())
    return;
  if (source_ && (!source_ended_ || (emitted_ != nullptr && emitted_->pending() > 0)))
    return;
  for (const auto& f : fused_)
    if (f && !f->work.finished()) {
      if (!f->work.input_ended()) {
        if (!run_->replays[index_]->close_if_empty()) {
          replay();
          host_.wake_soon();
          return;
        }
        f->work.end_input();
        host_.wake_soon(); // for its last task; retries have their timers
      }
      return;
    }
  for (const auto& port : pending_)
    if (!port.empty())
      return;
  if (!letters_.empty())
    return;
  if (source_) {
    try {
      source_->drain();
    } catch (...) {
      error why = error_from(std::current_exception());
      why.where = "node '" + run_->nodes[index_].id + "'";
      host_.failed(std::move(why), run_status::failed);
    }
  }
  done_ = true;
  if (holds_place_) {
    holds_place_ = false;
    run_->concurrency.release();
  }
  for (edge* e : split_)
    for (std::uint32_t lane = 0; lane < e->partitions; ++lane)
      if (auto last = e->lanes->take(lane))
        deliver(*e, std::move(last), lane);
  for (const auto& port : out_)
    for (edge* e : port)
      host_.deliver_end(*e);
  if (main_) {
    main_->workers.clear();
    figures_.workers.store(0, std::memory_order_relaxed);
  }
}

} // namespace weir::detail
