// The dispatcher when a worker answers: what is put out and in which order, what is settled with its edge,
// what is to be tried again.

#include <weir/runtime/dispatcher.hpp>
#include <weir/runtime/mutation.hpp>
#include <weir/runtime/run_traces.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::detail {

namespace {
using namespace std::chrono_literals;

constexpr duration timer_retry = 100ms; // after an on_timer that threw
} // namespace

void dispatcher::settle(const slice& s, std::uint32_t records) {
  if (records == 0)
    return;
  in_hand_ -= records;
  s.from->undecided -= records;
  if (s.from->replayed)
    replays_in_hand_ -= records;
  if (s.from->edge == UINT32_MAX)
    return;
  settled_.push_back({s.from->edge, records});
  if (s.from->undecided == s.from->waiting && !std::exchange(s.from->granted, true))
    granted_.push_back({s.from->edge, s.from->lane});
}

void dispatcher::put_outputs(slice& s, answer& a, time_point now) {
  node_figures::add(figures_.filtered, a.filtered);
  node_figures::add(figures_.aggregated, a.aggregated);
  const auto decided = a.next - s.begin - static_cast<std::uint32_t>(a.failures.size());
  succeeded(decided, now);
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

bool dispatcher::fits(const answer& a) const noexcept {
  const worker& w = workers_[a.worker];
  if (a.kind != task_kind::run || a.whole || a.incarnation != w.incarnation || w.ledger.empty() ||
      w.ledger.front().id != a.task)
    return true; // its records are not looked at
  const slice& s = w.ledger.front().what;
  if (a.next < s.begin || a.next > s.end || a.failures.size() > a.next - s.begin)
    return false;
  return a.in_place || // its failures count in a batch of their own
         std::ranges::all_of(a.failures,
                             [&](const record_failure& f) { return f.index >= s.begin && f.index < s.end; });
}

bool dispatcher::commit(answer a, time_point now) {
  worker& w = workers_[a.worker];
  if (a.incarnation != w.incarnation) {
    if constexpr (broken(rule::incarnation_fence))
      for (std::uint32_t p = 0; p < a.outputs.size(); ++p)
        for (auto& b : a.outputs[p])
          ready_.push_back({p, std::move(b)});
    return false;
  }
  if (a.timer && (!w.timer || *a.timer < *w.timer))
    w.timer = a.timer;
  note_progress(now);
  successes_before_ = successes_;
  if (a.kind != task_kind::run) {
    if (a.task != w.own_task)
      return false;
    commit_own(w, a, now);
    show(a.worker, now);
    return true;
  }
  if (w.ledger.empty() || w.ledger.front().id != a.task)
    return false;
  slice s = std::move(w.ledger.front().what);
  w.ledger.pop_front();
  if (options_.keyed)
    lane_of(a.worker).serving = false;
  if (w.ledger.empty()) {
    --busy_;
    now_busy(now);
  }
  show(a.worker, now);
  w.aggregated += a.aggregated;
  if (!a.whole && a.next - s.begin > a.failures.size())
    w.in_a_row = 0; // something went well
  figures_.busy_workers.store(busy_, std::memory_order_relaxed);
  node_figures::add(figures_.tasks, 1);
  if (options_.metrics)
    figures_.task_duration.record(a.took);
  if (s.from->traced) [[unlikely]]
    options_.traces->done(*s.from->traced, options_.index, a, s.begin, s.attempt);
  if (const auto n = std::max(1U, std::min(a.next, s.end) - s.begin); a.took.count() > 0) {
    const double cost = static_cast<double>(a.took.count()) / n;
    ns_per_record_ = ns_per_record_ <= 0 ? cost : 0.7 * ns_per_record_ + 0.3 * cost;
  } else if (ns_per_record_ <= 0) {
    ns_per_record_ = 1;
  }
  if (a.threw && options_.node.restart.on_throw == after_throw::rebuild) {
    const error why = a.whole ? *a.whole : a.failures.empty() ? transient("it threw") : a.failures.back().why;
    w.state = worker_state::made;
    w.timer.reset();
    if (w.aggregated > 0 && !fatal_)
      fatal_ = state_lost(w.aggregated);
    restarted(w, restart_reason::thrown, why, now);
  }
  if (a.in_place) {
    const auto changed = std::exchange(s.from->batch, std::move(a.failed_input));
    if (!changed->empty())
      a.outputs[0].push_back(changed);
  }
  if (a.whole)
    fail_whole(std::move(s), std::move(*a.whole),
               a.whole_timed_out ? failure_kind::timeout : failure_kind::error, now, a.worker);
  else
    commit_run(std::move(s), a, now);
  if (options_.ordered)
    release_ordered();
  return true;
}

/// A worker's start, timer or end.
void dispatcher::commit_own(worker& w, answer& a, time_point now) {
  --busy_;
  w.state = a.kind == task_kind::drain ? worker_state::drained : worker_state::ready;
  if (a.kind == task_kind::timer && a.whole) { // nothing is lost by waiting
    count_failure(failure_kind::error, 1, *a.whole);
    w.timer = now + timer_retry;
  } else if (a.kind == task_kind::start && a.whole) {
    start_failed(w, std::move(*a.whole), now);
  } else if (a.whole) {
    fatal_ = std::move(*a.whole);
  } else if (a.kind == task_kind::start) {
    w.started = true;
    deal_again_ = true;
    figures_.started.store(1, std::memory_order_relaxed);
  }
  for (std::uint32_t p = 0; p < a.outputs.size(); ++p)
    for (auto& b : a.outputs[p])
      ready_.push_back({p, std::move(b)});
}

/// What a task came to, record by record.
void dispatcher::commit_run(slice s, answer& a, time_point now) {
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
  const slice failed_base = s;
  put_outputs(s, a, now);
  if (options_.ordered || (options_.keyed && options_.retry.retries())) {
    // at most one failure, and nothing behind it has been tried
    if (!failures.empty()) {
      slice failed = failed_base;
      place_after(failed);
      if (next < rest.end) {
        place_after(rest);
        requeue_front(rest, a.worker);
      }
      fail_record(std::move(failed), failures.front().index, std::move(failures.front()), now, a.worker);
    } else if (next < rest.end) {
      place_after(rest);
      requeue_front(rest, a.worker);
    }
    return;
  }
  for (auto& f : failures) {
    const auto index = f.index;
    fail_record(failed_base, index, std::move(f), now, a.worker);
  }
  if (next < rest.end)
    requeue_front(rest, a.worker);
}

void dispatcher::requeue_front(slice s, std::uint32_t worker_index) {
  queued_ += s.size();
  lane_of(worker_index).queue.push_front(std::move(s));
}

} // namespace weir::detail
