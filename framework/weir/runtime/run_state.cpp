#include <weir/runtime/run_state.hpp>

#include <weir/runtime/process/nursery.hpp>
#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/run_traces.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir {

std::string_view to_string(run_status status) noexcept {
  switch (status) {
  case run_status::completed:
    return "completed";
  case run_status::drained:
    return "drained";
  case run_status::drained_uncleanly:
    return "drained uncleanly";
  case run_status::stopped:
    return "stopped";
  case run_status::failed:
    return "failed";
  case run_status::invalid:
    return "invalid";
  }
  return "failed";
}

int run_result::exit_code() const noexcept {
  switch (status) {
  case run_status::completed:
  case run_status::drained:
    return 0;
  case run_status::invalid:
    return 2;
  case run_status::drained_uncleanly:
    return 3;
  case run_status::stopped:
    return undelivered.empty() ? 0 : 3;
  case run_status::failed:
    return 1;
  }
  return 1;
}

const node_result& run_result::node(std::string_view id) const {
  for (const auto& n : nodes)
    if (n.id == id)
      return n;
  throw std::out_of_range("no node '" + std::string{id} + "' in this run");
}

namespace detail {

namespace {
constexpr std::size_t most_shelf_bytes = 16UL * 1024 * 1024; // of records of dead letters
constexpr std::string_view ended_reason = "the run has ended";
} // namespace

run_state::run_state(const workflow& w, std::shared_ptr<const clock> t)
    : name(w.name()), settings(w.settings()), nodes(w.nodes()), resources(w.share_resources()),
      time(std::move(t)), budget(std::make_shared<byte_budget>(w.settings().memory_budget)),
      dead_letters(w.dead_letters()), shelf(std::min(most_shelf_bytes, w.settings().memory_budget / 8)),
      concurrency(w.settings().max_concurrent_nodes), started(time->now()) {
  if (settings.tracing.spans)
    traces = std::make_shared<run_traces>(w, time);
  causes_.resize(nodes.size());
  last_failures_.resize(nodes.size());
  for (std::size_t n = 0; n < nodes.size(); ++n)
    replays.push_back(std::make_unique<replay_queue>());
  const auto tap_count = std::make_shared<std::atomic<std::size_t>>(0);
  std::vector<std::string> ids;
  for (const auto& n : nodes)
    ids.push_back(n.id);
  const auto name_of = [ids = std::make_shared<const std::vector<std::string>>(std::move(ids))](
                           std::uint32_t source) { return (*ids)[source]; };
  for (const auto& n : nodes)
    taps.push_back(std::make_shared<node_tap>(n.id, name_of, tap_count));
  for (std::size_t n = 0; n < nodes.size(); ++n)
    figures.push_back(std::make_unique<node_figures>(nodes[n].definition.options.workers.most()));
  for (const auto& e : w.edges()) {
    auto made = std::make_unique<edge>();
    const auto& to = nodes[e.to].definition;
    made->index = static_cast<std::uint32_t>(edges.size());
    made->from = e.from;
    made->port = e.port;
    made->to = e.to;
    const auto most = static_cast<std::int32_t>(to.options.workers.most());
    made->window = to.options.window > 0 ? static_cast<std::int32_t>(to.options.window) : 4 * most;
    if (settings.mode == execution_mode::sequential)
      made->window = 1; // what has been made goes all the way before more is made
    if (to.keys && most > 1 && settings.mode == execution_mode::parallel) {
      made->keys = to.keys;
      made->keys_nothrow = to.keys_nothrow;
      made->partitions = static_cast<std::uint32_t>(most);
      made->lanes.emplace(made->partitions, settings.limits, budget);
      made->lane_in_flight = std::vector<std::atomic<std::int32_t>>(made->partitions);
    }
    edges.push_back(std::move(made));
  }
  // In sequential mode paths that meet again keep source order only if they carry one record at a time.
  for (std::size_t n = 0; n < nodes.size() && settings.mode == execution_mode::sequential; ++n)
    if (std::ranges::count_if(edges, [n](const auto& e) { return e->to == n; }) > 1)
      settings.limits.max_records = 1;
}

result<> run_state::bury(std::vector<shelved_letter>& letters) {
  if (dead_letters) {
    try {
      std::vector<dead_letter> plain;
      plain.reserve(letters.size());
      for (const auto& l : letters)
        plain.push_back(l.letter);
      result<> kept = dead_letters->write(plain);
      if (!kept)
        return kept;
    } catch (...) { // a sink of the author's
      return error_from(std::current_exception());
    }
  }
  shelf.put(std::move(letters));
  return {};
}

replay_result run_state::replay(std::span<const std::string> ids, std::string_view node) {
  replay_result said = shelf.replay(ids, node, replays);
  if (const auto n = said.replayed.size(); n > 0)
    events.add({.kind = event_kind::replay,
                .node = std::string{node},
                .cause = n == 1 ? "a dead letter is tried again: " + said.replayed.front()
                                : std::to_string(n) + " dead letters are tried again"});
  return said;
}

void run_state::fail(error why, run_status status) {
  const std::lock_guard lock{mutex_};
  events.add({.kind = event_kind::failed, .node = {}, .cause = why.message()});
  errors_.push_back(std::move(why));
  if (status_ != run_status::failed)
    status_ = status;
}

void run_state::ask(run_status status) {
  const std::lock_guard lock{mutex_};
  if (!completed_ && status_ != run_status::failed && status_ != run_status::drained_uncleanly)
    status_ = status;
}

void run_state::end_by_force(error why) {
  fail(std::move(why), run_status::failed);
  const std::lock_guard lock{mutex_};
  forced_ = !completed_;
  for (const auto& t : taps)
    t->close();
  shelf.drop_records(ended_reason);
  if (!std::exchange(completed_, true)) {
    ended_ = time->now();
    events.add({.kind = event_kind::ended, .node = {}, .cause = "failed, by force"});
    changed_.notify_all();
  }
}

bool run_state::ended_by_force() const {
  const std::lock_guard lock{mutex_};
  return forced_;
}

void run_state::note_cause(std::uint32_t node, const error& why) {
  const std::lock_guard lock{mutex_};
  causes_[node] = why;
}

void run_state::note_failure(std::uint32_t node, failure_kind kind, const error& why) {
  failure last{kind, why.message(), time->now()};
  const std::lock_guard lock{mutex_};
  last_failures_[node] = std::move(last);
}

std::vector<node_health> run_state::health() const {
  std::vector<node_health> all;
  all.reserve(nodes.size());
  const auto now = time->now();
  const std::lock_guard lock{mutex_};
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    all.push_back(health_of(nodes[n].id, *figures[n], causes_[n], now));
    if (const auto& last = last_failures_[n])
      all.back().last_failure = failure_note{last->kind, last->why, now - last->at};
  }
  return all;
}

bool run_state::ready() const {
  return !completed() && (!remote || remote->lacks().empty()) &&
         std::ranges::all_of(figures, [](const auto& f) {
           return f->started.load(std::memory_order_relaxed) != 0 &&
                  f->outage.load(std::memory_order_relaxed) == 0;
         });
}

void run_state::complete() {
  const std::lock_guard lock{mutex_};
  if (completed_)
    return;
  completed_ = true;
  for (const auto& t : taps)
    t->close();
  shelf.drop_records(ended_reason);
  ended_ = time->now();
  events.add({.kind = event_kind::ended,
              .node = {},
              .cause = std::string{to_string(status_.value_or(run_status::completed))}});
  changed_.notify_all();
}

bool run_state::completed() const {
  const std::lock_guard lock{mutex_};
  return completed_;
}

bool run_state::wait_until(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  if (deadline == std::chrono::steady_clock::time_point::max()) {
    changed_.wait(lock, [this] { return completed_; });
    return true;
  }
  return changed_.wait_until(lock, deadline, [this] { return completed_; });
}

std::vector<node_result> run_state::snapshot() const {
  std::vector<node_result> all;
  all.reserve(nodes.size());
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const auto& f = *figures[n];
    const auto get = [](const node_figures::counter& c) { return c.load(std::memory_order_relaxed); };
    node_result r;
    r.id = nodes[n].id;
    r.received = get(f.received);
    r.sent = get(f.sent);
    r.delivered = get(f.delivered);
    r.filtered = get(f.filtered);
    r.aggregated = get(f.aggregated);
    r.tasks = get(f.tasks);
    r.errors = get(f.errors);
    r.retries = get(f.retries);
    r.timeouts = get(f.timeouts);
    r.restarts = get(f.restarts);
    r.abandoned = get(f.abandoned);
    r.outages = get(f.outages);
    r.replayed = get(f.replayed); // before the next: never more of these
    r.dead_letters = get(f.dead_letters);
    r.dead_letters -= std::min(r.dead_letters, r.replayed);
    r.queued = get(f.queued);
    r.workers = get(f.workers);
    r.busy_workers = get(f.busy_workers);
    r.progress_done = get(f.progress_done);
    r.progress_total = get(f.progress_total);
    r.task_p50 = f.task_duration.quantile(0.50);
    r.task_p99 = f.task_duration.quantile(0.99);
    r.is_source = nodes[n].definition.role == node_role::source;
    r.is_sink = nodes[n].definition.delivers();
    all.push_back(std::move(r));
  }
  return all;
}

observation run_state::observe() const {
  observation seen;
  seen.workflow = name;
  const auto now = time->now();
  {
    const std::lock_guard lock{mutex_};
    if (completed_ || (status_ && *status_ != run_status::drained))
      seen.state = to_string(status_.value_or(run_status::completed)); // how it ends or has ended
    else
      seen.state = status_ ? "draining" : paused.load() ? "paused" : "running";
    seen.up = (completed_ ? ended_ : now) - started;
  }
  seen.started = std::chrono::system_clock::now() -
                 std::chrono::duration_cast<std::chrono::system_clock::duration>(now - started);
  seen.ready = ready();
  if (remote && !completed())
    seen.waits = remote->lacks();
  seen.memory_used = budget->used();
  seen.memory_limit = budget->limit();
  if (resources)
    seen.resources = resources->figures();
  auto figures_now = snapshot();
  auto health_now = health();
  const auto get = [](const auto& c) { return c.load(std::memory_order_relaxed); };
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const node_figures& f = *figures[n];
    const node_definition& d = nodes[n].definition;
    node_observation o;
    o.figures = std::move(figures_now[n]);
    o.health = std::move(health_now[n]);
    std::ranges::transform(f.restarts_by, o.restarts_by.begin(), get);
    std::ranges::transform(f.dead_letters_by, o.dead_letters_by.begin(), get);
    std::ranges::transform(f.errors_by, o.errors_by.begin(), get);
    o.queue_bytes = get(f.queued_bytes);
    o.busy_time = get(f.busy_time);
    o.idle_time = get(f.idle_time);
    o.backpressured_time = get(f.backpressured_time);
    o.task_duration = f.task_duration.read();
    o.record_latency = f.record_latency.read();
    if (d.role != node_role::source) {
      o.workers_min = d.options.workers.min;
      o.workers_max = d.options.workers.most();
      for (std::uint32_t w = 0; w < std::min<std::uint64_t>(o.figures.workers, f.by_worker.size()); ++w) {
        worker_observation one{.index = w, .restarts = get(f.by_worker[w].restarts)};
        const auto since = get(f.by_worker[w].busy_since);
        one.state = since == worker_figures::starting ? worker_state::starting
                    : since == worker_figures::idle   ? worker_state::idle
                                                      : worker_state::busy;
        if (one.state == worker_state::busy)
          one.task_age = std::max(duration{0}, now - time_point{duration{since}});
        o.workers.push_back(one);
      }
    }
    seen.nodes.push_back(std::move(o));
  }
  for (const auto& e : edges)
    seen.edges.push_back({.from = nodes[e->from].id,
                          .port = nodes[e->from].definition.outputs[e->port].name,
                          .to = nodes[e->to].id,
                          .records = e->sent.load(std::memory_order_relaxed),
                          .in_flight = static_cast<std::uint32_t>(std::max(0, e->in_flight.load())),
                          .window = static_cast<std::uint32_t>(e->window),
                          .keyed = static_cast<bool>(e->keys)});
  return seen;
}

std::vector<undelivered_records> run_state::undelivered() const {
  std::vector<undelivered_records> all;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    std::uint64_t records = figures[n]->undelivered.load();
    for (const auto& e : edges)
      if (e->to == n)
        records += e->sent.load() - e->settled.load();
    if (records > 0)
      all.push_back({nodes[n].id, records});
  }
  return all;
}

run_result run_state::take_result() {
  const std::lock_guard lock{mutex_};
  run_result r;
  r.nodes = snapshot();
  r.undelivered = undelivered();
  r.status = status_.value_or(run_status::completed);
  if (r.status == run_status::drained && !r.undelivered.empty())
    r.status = run_status::drained_uncleanly;
  r.errors = errors_;
  for (const auto& n : r.nodes)
    r.dead_letters += n.dead_letters;
  r.last_dead_letters = shelf.letters();
  r.took = ended_ - started;
  histogram latency;
  for (const auto& f : figures)
    latency.add(f->record_latency);
  r.latency_p50 = latency.quantile(0.50);
  r.latency_p95 = latency.quantile(0.95);
  r.latency_p99 = latency.quantile(0.99);
  return r;
}

void thread_count::began() {
  const std::lock_guard lock{mutex_};
  ++threads_;
}
void thread_count::ended() {
  const std::lock_guard lock{mutex_};
  --threads_;
  changed_.notify_all();
}
bool thread_count::wait_for_all_but(std::uint32_t hung, duration most) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, most, [this, hung] { return threads_ <= hung; });
}

} // namespace detail
} // namespace weir
