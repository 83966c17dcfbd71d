// The workers of a node: how they are made, given tasks, lost and replaced.

#include <weir/runtime/node_core_stage.hpp>
#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/scheduler/patient_wakeups.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace weir::detail {

namespace {
using namespace std::chrono_literals;
} // namespace

std::shared_ptr<worker_setup> make_worker_setup(const run_state& run, std::uint32_t node,
                                                operator_factory make, std::vector<port_info> outputs,
                                                bool serial) {
  auto s = std::make_shared<worker_setup>();
  s->make = std::move(make);
  s->outputs = std::move(outputs);
  s->limits = run.settings.limits;
  s->budget = run.budget;
  s->resources = run.resources;
  s->time = run.time;
  s->node = node;
  s->rebuild_on_throw = run.nodes[node].definition.options.restart.on_throw == after_throw::rebuild;
  s->stop_at_first_failure = serial || s->rebuild_on_throw;
  return s;
}

std::shared_ptr<worker_setup> make_worker_setup_elsewhere(const run_state& run, std::uint32_t node) {
  const node_definition& d = run.nodes[node].definition;
  auto s =
      make_worker_setup(run, node, d.make_operator, d.made_ports(), d.options.order == ordering::ordered);
  s->stoppable = true;
  s->timed = d.options.timeout.count() > 0;
  return s;
}

void node_core::start() {
  if (std::exchange(started_, true) || stopped_)
    return;
  const auto& o = definition_.options;
  const bool sequential = run_->settings.mode == execution_mode::sequential;
  const auto setup_of = [&](operator_factory make, std::vector<port_info> outputs, bool serial) {
    return make_worker_setup(*run_, index_, std::move(make), std::move(outputs), serial);
  };
  if (definition_.role != node_role::source) {
    dispatcher_options d;
    d.node = o;
    d.retry = o.retry.value_or(
        definition_.role == node_role::sink
            ? retry_policy{exponential_backoff{.first = 100ms, .max = 10s, .max_attempts = 0}}
            : no_retry);
    d.keyed = (definition_.keys && o.dispatch != dispatch::key_affinity) || sequential;
    d.ordered = o.order == ordering::ordered && !d.keyed;
    d.whole_tasks = definition_.whole_tasks;
    d.is_sink = definition_.role == node_role::sink;
    d.metrics = run_->settings.metrics;
    d.traces = run_->traces;
    d.index = index_;
    d.seed = mix_ordinal(run_->settings.seed, index_);
    d.max_dead_letters = run_->settings.max_dead_letters;
    d.may_lend =
        o.timeout.count() == 0 && !host_.loses_workers() && (host_.runs_inline() || definition_.in_place);
    if (sequential)
      d.node.workers = {1, 1};
    if (spreads()) {
      d.node.workers = {run_->remote->workers_here(index_)};
      d.may_lend = false; // a worker may be lost with its host at any time
    }
    main_ = std::make_unique<stage>(d, figures_);
    auto setup = setup_of(definition_.make_operator, definition_.made_ports(),
                          sequential || d.ordered || (d.keyed && d.retry.retries()));
    setup->stoppable = o.timeout.count() > 0 || !host_.runs_inline();
    setup->timed = o.timeout.count() > 0;
    main_->setup = std::move(setup);
    make_stage(*main_, d.keyed ? d.node.workers.most() : d.node.workers.min);
    if (spreads())
      run_->remote->when_changed(host_.make_waker());
  }
  fused_.resize(definition_.outputs.size());
  for (std::size_t p = 0; p < definition_.fused.size(); ++p) {
    if (!definition_.fused[p] || (definition_.make_steps && !run_->traces))
      continue;
    dispatcher_options d;
    d.node = o;
    d.node.workers = {1, 1};
    d.node.timeout = duration{0};
    d.node.batch_size = 0;
    d.retry = o.retry.value_or(no_retry);
    // Order must survive a retry here wherever it must survive one in the node itself.
    d.keyed = sequential || definition_.role == node_role::source || definition_.keys ||
              o.order == ordering::ordered;
    d.metrics = false;
    d.may_lend = true;
    d.max_dead_letters = run_->settings.max_dead_letters;
    auto own = std::make_unique<node_figures>();
    fused_[p] = std::make_unique<stage>(d, *own);
    fused_[p]->own_figures = std::move(own);
    fused_[p]->setup = setup_of(definition_.fused[p], {definition_.outputs[p]},
                                sequential || (d.keyed && d.retry.retries()));
    fused_[p]->here = std::make_unique<worker_core>(fused_[p]->setup, 0, 0);
    fused_[p]->work.add_worker(0, fused_[p]->here->call());
  }
  if (definition_.role == node_role::source) {
    rejected_.emplace(run_->settings.max_dead_letters);
    try {
      open_source();
      source_->start(waker{[wake = host_.make_waker()] {
        const patient_wakeups::scope soon_enough; // records from outside: they may come every microsecond
        wake();
      }});
      figures_.started.store(1, std::memory_order_relaxed);
    } catch (...) {
      error why = error_from(std::current_exception());
      why.where = "node '" + run_->nodes[index_].id + "'";
      fail(std::move(why), run_status::failed);
    }
  }
}

void node_core::make_stage(stage& s, std::uint32_t workers) {
  for (std::uint32_t w = 0; w < workers; ++w)
    add_worker(s);
}

std::unique_ptr<worker_core> node_core::make_core(stage& s, std::uint32_t worker, std::uint32_t incarnation,
                                                  std::optional<crash_report> last_crash) {
  auto core = std::make_unique<worker_core>(s.setup, worker, incarnation, std::move(last_crash));
  if (definition_.options.timeout.count() > 0)
    host_.watch(core->call(), worker, incarnation);
  return core;
}

void node_core::add_worker(stage& s) {
  const auto index = static_cast<std::uint32_t>(s.work.workers());
  if (host_.runs_inline()) {
    s.here = make_core(s, index, s.work.first_incarnation(), {});
    s.work.add_worker(index, s.here->call());
    return;
  }
  auto handle = make_handle(s, index, s.work.first_incarnation(), {});
  s.work.add_worker(index, handle->call());
  s.workers.push_back(std::move(handle));
  s.places.emplace_back();
}

std::unique_ptr<worker_handle> node_core::make_handle(stage& s, std::uint32_t worker,
                                                      std::uint32_t incarnation,
                                                      std::optional<crash_report> last_crash) {
  if (!host_.in_processes())
    return host_.make_worker(make_core(s, worker, incarnation, std::move(last_crash)));
  auto handle = host_.make_process_worker(worker, incarnation, std::move(last_crash));
  if (definition_.options.timeout.count() > 0)
    host_.watch(handle->call(), worker, incarnation);
  return handle;
}

void node_core::worker_lost(std::uint32_t worker, std::uint32_t incarnation, failure_kind kind, error why) {
  if (done_ || stopped_ || failed_ || !main_ || worker >= main_->workers.size() ||
      main_->work.incarnation(worker) != incarnation)
    return;
  stage& s = *main_;
  if (s.work.vacant(worker))
    return;
  const auto now = run_->time->now();
  if (kind == failure_kind::timeout && !s.places[worker])
    run_->events.add(
        {.kind = event_kind::timeout, .node = run_->nodes[index_].id, .worker = worker, .cause = why.what});
  if (kind == failure_kind::timeout && !s.places[worker] && s.workers[worker]->abandon()) {
    node_figures::add(figures_.abandoned, 1);
    if (const auto left = run_->abandoned.fetch_add(1) + 1; left > run_->settings.max_abandoned_workers) {
      fail(permanent(std::to_string(left) + " workers did not return and were left behind",
                     "node '" + run_->nodes[index_].id + "'", "find out why its calls hang, or isolate them"),
           run_status::failed);
      return;
    }
  }
  auto marks = place_worker(s, worker, incarnation + 1, s.work.crash_of(worker, kind, why, now));
  s.work.replace_worker(worker, std::move(marks), kind, std::move(why), now);
  take_outcome(s, std::nullopt);
}

/// Too many restarts of single workers: all are made anew.
void node_core::rebuild(stage& s) {
  const auto now = run_->time->now();
  for (std::uint32_t w = 0; w < s.work.workers(); ++w) {
    auto report = s.work.crash_of(
        w, failure_kind::crash, transient("too many restarts within the node: all workers are rebuilt"), now);
    report.record.reset();
    if (s.work.vacant(w))
      continue;
    if (!s.here) {
      s.work.rebuild_worker(w, place_worker(s, w, s.work.incarnation(w) + 1, std::move(report)), now);
      continue;
    }
    auto core = make_core(s, w, s.work.incarnation(w) + 1, std::move(report));
    s.work.rebuild_worker(w, core->call(), now);
    s.here = std::move(core);
  }
}

/// A pool that has more workers than it needs lets one go.
void node_core::resize(stage& s) {
  if (s.work.take_retired(now())) {
    s.workers.pop_back();
    s.places.pop_back();
  }
  s.work.consider_size(now());
}

bool node_core::work(stage& s, time_point until) {
  if (!s.here)
    resize(s);
  if (&s == main_.get() && !holds_place_) {
    // A node that was offered a place takes it even with nothing to do: giving it back wakes the next in
    // turn.
    if (waits_for_place_ ? !place_offered_->exchange(false) : !s.work.has_work())
      return false;
    if (run_->concurrency.limited()) {
      waits_for_place_ = !run_->concurrency.acquire([offered = place_offered_, wake = host_.make_waker()] {
        offered->store(true);
        wake();
      });
      if (waits_for_place_)
        return false;
    }
    holds_place_ = true;
    place_since_ = now();
  }
  if (&s == main_.get() && run_->concurrency.contended() && now() - place_since_ > longest_turn)
    return yields_place_ = true, false; // others wait for the place: run dry, give it back
  if (s.here)
    return run_inline(s, until);
  for (bool handed = true; handed;) { // one each in turn, so that prefetch does not starve a neighbour
    handed = false;
    for (std::uint32_t w = 0; w < s.workers.size(); ++w)
      if (auto t = s.workers[w] ? s.work.assign(w, now()) : std::nullopt) {
        s.workers[w]->submit(*std::move(t));
        handed = true;
      }
  }
  while (s.work.wants_worker(now())) {
    add_worker(s);
    run_->events.add({.kind = event_kind::scale_up,
                      .node = run_->nodes[index_].id,
                      .worker = static_cast<std::int64_t>(s.work.workers()) - 1,
                      .cause = std::to_string(s.work.queued()) + " records wait, and all workers are busy"});
    if (auto t = s.work.assign(static_cast<std::uint32_t>(s.work.workers() - 1), now()))
      s.workers.back()->submit(*std::move(t));
  }
  return false; // the answers will bring the next turn
}

bool node_core::run_inline(stage& s, time_point until) {
  bool any = false;
  while (auto t = s.work.assign(0, now())) {
    turn_records_ += t->end - t->begin;
    answer a = s.here->run(*t, now());
    now_is(a.ended);
    s.work.commit(std::move(a), now());
    any = true;
    if (now() >= until || turn_spent() || !s.work.ready().empty())
      break;
  }
  return any;
}

} // namespace weir::detail
