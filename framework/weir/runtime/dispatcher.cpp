#include <weir/runtime/dispatcher.hpp>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <functional>
#include <tuple>
#include <utility>

namespace weir::detail {

namespace {
using namespace std::chrono_literals;

constexpr double task_target_ns = 10e6;   // a task lasts about 10 ms
constexpr double prefetch_below_ns = 2e6; // shorter tasks are handed out one ahead
// Records waiting for a retry do not hold back the demand of their batch until so many are waiting.
constexpr std::size_t free_retries = 64;
constexpr duration timer_retry = 100ms; // after an on_timer that threw
} // namespace

dispatcher::dispatcher(dispatcher_options options, node_figures& figures)
    : options_(options), figures_(figures), lanes_(1),
      random_(static_cast<std::minstd_rand::result_type>(options.seed % 2147483646U + 1U)) {}

void dispatcher::offer(batch_ptr batch, std::uint32_t edge, std::uint32_t lane_index, time_point now) {
  if (lane_index >= lanes_.size())
    lanes_.resize(lane_index + 1);
  const std::uint32_t n = batch->size();
  node_figures::add(figures_.received, n);
  in_hand_ += n;
  queued_ += n;
  slice s;
  s.from = std::make_shared<input>(input{std::move(batch), edge, n});
  s.end = n;
  s.first_seen = now;
  if (options_.ordered)
    s.place = segments_.emplace(segments_.end());
  lanes_[lane_index].queue.push_back(std::move(s));
  figures_.queued.store(queued_, std::memory_order_relaxed);
}

void dispatcher::add_worker(std::uint32_t index, std::shared_ptr<current_index> current) {
  assert(index == workers_.size());
  (void)index;
  worker w;
  w.current = std::move(current);
  workers_.push_back(std::move(w));
  if (options_.keyed && lanes_.size() < workers_.size())
    lanes_.resize(workers_.size());
  figures_.workers.store(workers_.size(), std::memory_order_relaxed);
}

std::size_t dispatcher::room(const worker& w) const noexcept {
  std::size_t most = 1;
  if (!serial() && ns_per_record_ > 0 && workers_.size() > 1 &&
      ns_per_record_ * task_size(lanes_.front()) < prefetch_below_ns)
    most = 2;
  return w.ledger.size() < most ? most - w.ledger.size() : 0;
}

std::uint32_t dispatcher::task_size(const lane& l) const noexcept {
  if (options_.node.batch_size > 0)
    return options_.node.batch_size;
  if (options_.whole_tasks)
    return UINT32_MAX;
  if (ns_per_record_ <= 0)
    return 1;
  double size = task_target_ns / ns_per_record_;
  if (!options_.keyed && workers_.size() > 1 && &l == &lanes_.front())
    size = std::min(size, static_cast<double>(queued_ / workers_.size() + 1));
  return size < 1 ? 1U : size > 1e9 ? 1'000'000'000U : static_cast<std::uint32_t>(size);
}

std::optional<dispatcher::slice> dispatcher::next_slice(std::uint32_t index, time_point now) {
  if (!options_.keyed && !retries_.empty() && retries_.front().when <= now) {
    std::ranges::pop_heap(retries_, std::greater<>{});
    slice s = std::move(retries_.back().what);
    retries_.pop_back();
    queued_ -= s.size();
    s.from->waiting -= std::min(s.from->waiting, s.size());
    return s;
  }
  lane& l = lane_of(index);
  if (l.queue.empty() || l.blocked_until > now || (options_.keyed && l.serving))
    return std::nullopt;
  slice& front = l.queue.front();
  const std::uint32_t most = front.attempt > 1 ? front.size() : task_size(l);
  slice cut;
  if (front.size() <= most) {
    cut = std::move(front);
    l.queue.pop_front();
  } else {
    cut = front;
    cut.end = cut.begin + most;
    front.begin = cut.end;
    if (options_.ordered)
      cut.place = segments_.emplace(front.place);
  }
  queued_ -= cut.size();
  return cut;
}

bool dispatcher::nothing_left() const noexcept { return input_ended_ && in_hand_ == 0; }

std::optional<task> dispatcher::assign(std::uint32_t index, time_point now) {
  worker& w = workers_[index];
  task t;
  t.id = next_id_;
  const auto own = [&](task_kind kind, worker_state state) {
    t.kind = kind;
    w.state = state;
    w.own_task = next_id_++;
    w.since = now;
    ++busy_;
    return t;
  };
  if (w.state == worker_state::made)
    return own(task_kind::start, worker_state::starting);
  if (w.state == worker_state::ready && w.ledger.empty()) {
    if (nothing_left())
      return own(task_kind::drain, worker_state::draining);
    if (w.timer && *w.timer <= now && !fatal_) {
      w.timer.reset();
      return own(task_kind::timer, worker_state::in_timer);
    }
  }
  if (w.state != worker_state::ready || room(w) == 0 || fatal_)
    return std::nullopt;
  if (w.timer && *w.timer <= now && !w.ledger.empty())
    return std::nullopt; // let it run dry, so that its timer gets a turn
  auto s = next_slice(index, now);
  if (!s)
    return std::nullopt;
  ++next_id_;
  if (s->attempt > 1)
    node_figures::add(figures_.retries, s->size());
  t.input = s->from->batch;
  t.begin = s->begin;
  t.end = s->end;
  t.attempt = s->attempt;
  handed h;
  h.id = t.id;
  if (options_.node.timeout.count() > 0) {
    h.stop = std::stop_source{};
    t.stop = h.stop.get_token();
  }
  h.what = std::move(*s);
  if (w.ledger.empty()) {
    ++busy_;
    w.since = now;
    w.seen_index = no_index;
  }
  w.ledger.push_back(std::move(h));
  if (options_.keyed)
    lane_of(index).serving = true;
  figures_.busy_workers.store(busy_, std::memory_order_relaxed);
  figures_.queued.store(queued_, std::memory_order_relaxed);
  return t;
}

bool dispatcher::wants_worker(time_point now) const noexcept {
  if (options_.keyed || queued_ == 0 || workers_.size() >= options_.node.workers.most() ||
      busy_ < workers_.size())
    return false;
  return std::ranges::all_of(workers_, [](const worker& w) { return w.state == worker_state::ready; }) &&
         lanes_.front().blocked_until <= now;
}

void dispatcher::settle(const slice& s, std::uint32_t records) {
  if (records == 0)
    return;
  in_hand_ -= records;
  s.from->undecided -= records;
  if (s.from->edge == UINT32_MAX)
    return;
  settled_.push_back({s.from->edge, records});
  if (s.from->undecided == s.from->waiting && !std::exchange(s.from->granted, true))
    granted_.push_back(s.from->edge);
}

void dispatcher::put_outputs(slice& s, answer& a, time_point now) {
  node_figures::add(figures_.filtered, a.filtered);
  node_figures::add(figures_.aggregated, a.aggregated);
  const auto decided = a.next - s.begin - static_cast<std::uint32_t>(a.failures.size());
  if (options_.is_sink) {
    node_figures::add(figures_.delivered, decided);
    if (options_.metrics && decided > 0) {
      figures_.record_latency.record(now - s.from->batch->origin(), decided);
    }
  }
  if (!options_.ordered) {
    for (std::uint32_t p = 0; p < a.outputs.size(); ++p)
      for (auto& b : a.outputs[p])
        ready_.push_back({p, std::move(b)});
    settle(s, decided);
    return;
  }
  s.place->outputs = std::move(a.outputs);
  s.place->done = true;
  s.place->from = s.from;
  s.place->records = decided;
}

void dispatcher::release_ordered() {
  while (!segments_.empty() && segments_.front().done) {
    segment& first = segments_.front();
    for (std::uint32_t p = 0; p < first.outputs.size(); ++p)
      for (auto& b : first.outputs[p])
        ready_.push_back({p, std::move(b)});
    if (first.from) {
      slice s;
      s.from = std::move(first.from);
      settle(s, first.records);
    }
    segments_.pop_front();
  }
}

bool dispatcher::commit(answer a, time_point now) {
  worker& w = workers_[a.worker];
  if (a.incarnation != w.incarnation)
    return false;
  if (a.timer && (!w.timer || *a.timer < *w.timer))
    w.timer = a.timer;
  if (a.kind != task_kind::run) {
    if (a.task != w.own_task)
      return false;
    --busy_;
    w.state = a.kind == task_kind::drain ? worker_state::drained : worker_state::ready;
    if (a.kind == task_kind::timer && a.whole) { // nothing is lost by waiting
      node_figures::add(figures_.errors, 1);
      w.timer = now + timer_retry;
    } else if (a.whole) {
      fatal_ = std::move(*a.whole);
    }
    for (std::uint32_t p = 0; p < a.outputs.size(); ++p)
      for (auto& b : a.outputs[p])
        ready_.push_back({p, std::move(b)});
    return true;
  }
  if (w.ledger.empty() || w.ledger.front().id != a.task)
    return false;
  slice s = std::move(w.ledger.front().what);
  w.ledger.pop_front();
  if (options_.keyed)
    lane_of(a.worker).serving = false;
  if (w.ledger.empty())
    --busy_;
  w.since = now;
  w.seen_index = no_index;
  w.stop_asked = {};
  figures_.busy_workers.store(busy_, std::memory_order_relaxed);
  node_figures::add(figures_.tasks, 1);
  if (options_.metrics)
    figures_.task_duration.record(a.took);
  if (const auto n = std::max(1U, std::min(a.next, s.end) - s.begin); a.took.count() > 0) {
    const double cost = static_cast<double>(a.took.count()) / n;
    ns_per_record_ = ns_per_record_ <= 0 ? cost : 0.7 * ns_per_record_ + 0.3 * cost;
  } else if (ns_per_record_ <= 0) {
    ns_per_record_ = 1;
  }
  if (a.whole) {
    fail_whole(std::move(s), std::move(*a.whole), a.whole_timed_out, now, a.worker);
  } else {
    const std::uint32_t next = a.next;
    auto failures = std::move(a.failures);
    a.failures.resize(failures.size()); // only their number counts below
    slice rest = s;
    rest.begin = next;
    auto after = s.place;
    if (options_.ordered && (next < s.end || !failures.empty()))
      ++after;
    const auto place_after = [&](slice& x) {
      if (options_.ordered)
        x.place = segments_.emplace(after);
    };
    put_outputs(s, a, now);
    slice failed_base = s;
    if (serial()) { // at most one failure, and nothing behind it has been tried
      if (!failures.empty()) {
        slice failed = failed_base;
        place_after(failed);
        if (next < rest.end)
          place_after(rest);
        if (next < rest.end)
          requeue_front(rest, a.worker);
        fail_record(std::move(failed), failures.front().index, std::move(failures.front()), now, a.worker);
      } else if (next < rest.end) {
        place_after(rest);
        requeue_front(rest, a.worker);
      }
    } else {
      for (auto& f : failures) {
        const auto index = f.index;
        fail_record(failed_base, index, std::move(f), now, a.worker);
      }
      if (next < rest.end)
        requeue_front(rest, a.worker);
    }
  }
  if (options_.ordered)
    release_ordered();
  return true;
}

void dispatcher::requeue_front(slice s, std::uint32_t worker_index) {
  queued_ += s.size();
  lane_of(worker_index).queue.push_front(std::move(s));
}

void dispatcher::fail_record(slice s, std::uint32_t index, record_failure why, time_point now,
                             std::uint32_t worker_index) {
  s.begin = index;
  s.end = index + 1;
  node_figures::add(figures_.errors, 1);
  if (why.kind == failure_kind::timeout)
    node_figures::add(figures_.timeouts, 1);
  if (why.why.kind == error_kind::exhausted) { // keeps its place: it is in hand, not dead
    fatal_ = std::move(why.why);
    requeue_front(std::move(s), worker_index);
    return;
  }
  if (why.why.kind == error_kind::transient && options_.retry.allows_another(s.attempt)) {
    const double random = std::uniform_real_distribution<double>{}(random_);
    const auto wait = options_.retry.wait(s.attempt, random);
    ++s.attempt;
    wait_for_retry(std::move(s), now + wait, worker_index);
    return;
  }
  dead_.push_back({s.from->batch, index, std::move(why), s.attempt, s.first_seen});
  node_figures::add(figures_.dead_letters, 1);
  if (options_.ordered)
    s.place->done = true;
  settle(s, 1);
}

void dispatcher::fail_whole(slice s, error why, bool timed_out, time_point now, std::uint32_t worker_index) {
  const auto kind = timed_out ? failure_kind::timeout : failure_kind::error;
  if (s.size() == 1 || why.kind == error_kind::exhausted) {
    const auto index = s.begin;
    if (why.kind == error_kind::exhausted) {
      node_figures::add(figures_.errors, s.size());
      fatal_ = std::move(why);
      requeue_front(std::move(s), worker_index);
      return;
    }
    fail_record(std::move(s), index, {index, kind, std::move(why)}, now, worker_index);
    return;
  }
  node_figures::add(figures_.errors, s.size());
  if (timed_out)
    node_figures::add(figures_.timeouts, 1);
  if (why.kind == error_kind::transient && options_.retry.allows_another(s.attempt)) {
    const auto wait = options_.retry.wait(s.attempt, std::uniform_real_distribution<double>{}(random_));
    ++s.attempt;
    wait_for_retry(std::move(s), now + wait, worker_index);
    return;
  }
  // Halve until the record at fault stands alone; each half keeps the attempt it is at.
  slice second = s;
  second.begin = s.begin + s.size() / 2;
  s.end = second.begin;
  if (options_.ordered)
    second.place = segments_.emplace(std::next(s.place));
  requeue_front(std::move(second), worker_index);
  requeue_front(std::move(s), worker_index);
}

void dispatcher::wait_for_retry(slice s, time_point when, std::uint32_t worker_index) {
  if (options_.keyed) { // in place: its lane waits with it
    lane_of(worker_index).blocked_until = when;
    requeue_front(std::move(s), worker_index);
    return;
  }
  if (!serial() && !options_.whole_tasks && retries_.size() < free_retries) {
    // The batch's demand is granted back before this record is decided, so that the stream goes on meanwhile.
    auto& from = *s.from;
    from.waiting += s.size();
    if (from.waiting == from.undecided && from.edge != UINT32_MAX && !std::exchange(from.granted, true))
      granted_.push_back(from.edge);
  }
  queued_ += s.size();
  retries_.push_back({when, next_id_++, std::move(s)});
  std::ranges::push_heap(retries_, std::greater<>{});
}

std::vector<std::uint32_t> dispatcher::overdue(time_point now) {
  std::vector<std::uint32_t> given_up;
  if (options_.node.timeout.count() <= 0)
    return given_up;
  for (std::uint32_t i = 0; i < workers_.size(); ++i) {
    worker& w = workers_[i];
    if (is_own(w.state)) { // its start, timer or end
      if (now - w.since >= options_.node.timeout + options_.node.grace)
        given_up.push_back(i);
      continue;
    }
    if (w.ledger.empty() || w.state != worker_state::ready)
      continue;
    auto& stop = w.ledger.front().stop;
    const auto index = w.current->load(std::memory_order_relaxed);
    if (index == no_index || (index != w.seen_index && !stop.stop_requested())) {
      w.seen_index = index;
      w.since = now;
    } else if (!stop.stop_requested()) {
      if (now - w.since >= options_.node.timeout) {
        w.stop_asked = now;
        stop.request_stop();
      }
    } else if (now - w.stop_asked >= options_.node.grace) {
      given_up.push_back(i);
    }
  }
  return given_up;
}

void dispatcher::replace_worker(std::uint32_t index, std::shared_ptr<current_index> current, time_point now) {
  worker& w = workers_[index];
  const auto at = w.current->load(std::memory_order_relaxed);
  if (is_own(w.state)) {
    --busy_;
    if (w.state != worker_state::in_timer)
      fatal_ = permanent(w.state == worker_state::starting ? "the node did not start within its timeout"
                                                           : "the node did not end within its timeout");
  }
  auto lost = std::exchange(w.ledger, {});
  ++w.incarnation;
  w.state = worker_state::made;
  w.current = std::move(current);
  w.seen_index = no_index;
  w.timer.reset();
  if (!lost.empty())
    --busy_;
  if (options_.keyed)
    lane_of(index).serving = false;
  node_figures::add(figures_.restarts, 1);
  // Newest first, so that the oldest ends up at the front.
  while (lost.size() > 1) {
    requeue_front(std::move(lost.back().what), index);
    lost.pop_back();
  }
  if (lost.empty())
    return;
  slice s = std::move(lost.front().what);
  const error why = transient("the worker did not return within its timeout and was replaced");
  if (options_.whole_tasks) {
    fail_whole(std::move(s), why, true, now, index);
  } else {
    const auto culprit = at >= s.begin && at < s.end ? at : s.begin;
    slice before = s, rest = s;
    before.end = culprit;
    rest.begin = culprit + 1;
    if (options_.ordered) { // the old place stands for what comes first
      auto after = std::next(s.place);
      if (before.size() > 0)
        s.place = segments_.emplace(after);
      if (rest.size() > 0)
        rest.place = segments_.emplace(after);
    }
    if (rest.size() > 0)
      requeue_front(std::move(rest), index);
    if (options_.keyed) { // the record at fault keeps its turn: behind those that ran before it
      fail_record(std::move(s), culprit, {culprit, failure_kind::timeout, why}, now, index);
      if (before.size() > 0)
        requeue_front(std::move(before), index);
    } else {
      if (before.size() > 0)
        requeue_front(std::move(before), index);
      fail_record(std::move(s), culprit, {culprit, failure_kind::timeout, why}, now, index);
    }
  }
  if (options_.ordered)
    release_ordered();
}

std::optional<time_point> dispatcher::due(time_point now) const noexcept {
  std::optional<time_point> at;
  // What was due by `now` has been served, or waits for something that brings its own wake-up.
  const auto sooner = [&at, now](time_point t) {
    if (t > now && (!at || t < *at))
      at = t;
  };
  if (!retries_.empty())
    sooner(retries_.front().when);
  for (const auto& l : lanes_)
    if (!l.queue.empty())
      sooner(l.blocked_until);
  for (const auto& w : workers_)
    if (w.timer && w.state == worker_state::ready)
      sooner(*w.timer);
  if (options_.node.timeout.count() > 0 && busy_ > 0)
    sooner(now + std::clamp<duration>(options_.node.timeout / 8, 1ms, 250ms));
  return at;
}

bool dispatcher::has_work() const noexcept {
  return queued_ > 0 || std::ranges::any_of(workers_, [this](const worker& w) {
           return w.state == worker_state::made ||
                  (w.state == worker_state::ready && (nothing_left() || w.timer.has_value()));
         });
}

bool dispatcher::finished() const noexcept {
  return nothing_left() && busy_ == 0 &&
         std::ranges::all_of(workers_, [](const worker& w) { return w.state == worker_state::drained; });
}

} // namespace weir::detail
