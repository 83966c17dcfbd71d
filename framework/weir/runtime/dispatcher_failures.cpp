// The dispatcher when something fails: a record, a call, a worker.

#include <weir/runtime/dispatcher.hpp>
#include <weir/runtime/mutation.hpp>
#include <weir/runtime/run_traces.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <utility>

namespace weir::detail {

namespace {
// Records waiting for a retry do not hold back the demand of their batch until so many are waiting.
constexpr std::size_t free_retries = 64;

// How often the world outside is asked whether it is back.
const retry_policy outage_backoff{exponential_backoff{
    .first = std::chrono::milliseconds{100}, .max = std::chrono::seconds{10}, .max_attempts = 0}};
} // namespace

error state_lost(std::uint64_t records) {
  return permanent("a worker was lost with " + std::to_string(records) + " records in its state", {},
                   "without checkpoints a stateful node cannot be rebuilt: keep its calls short");
}

void dispatcher::count_failure(failure_kind kind, std::uint64_t attempts, const error& why) {
  figures_.failed(kind, attempts);
  last_failure_.emplace(kind, why);
}

void dispatcher::fail_record(slice s, std::uint32_t index, record_failure why, time_point now,
                             std::uint32_t worker_index) {
  s.begin = index;
  s.end = index + 1;
  count_failure(why.kind, 1, why.why);
  if (s.from->traced) [[unlikely]]
    options_.traces->failed(*s.from->traced, *s.from->batch, s.begin, s.end, s.attempt, why.kind, why.why,
                            now);
  if (why.why.kind == error_kind::exhausted) { // keeps its place: it is in hand, not dead
    fatal_ = std::move(why.why);
    requeue_front(std::move(s), worker_index);
    return;
  }
  if (const auto when = next_attempt(s, why.why, now)) {
    wait_for_retry(std::move(s), *when, worker_index);
    return;
  }
  const std::uint64_t record = s.from->first + index;
  const bool replayed = s.from->replayed;
  figures_.buried(why.kind, 1);
  if (s.from->traced) [[unlikely]]
    options_.traces->dead(*s.from->traced, options_.index, s.from->batch->id(index), s.attempt, worker_index,
                          now);
  dead_.push_back({s.from->batch, index, std::move(why), s.attempt, s.first_seen});
  if (options_.ordered)
    s.place->done = true;
  settle(s, 1);
  // One that was replayed has been counted; and trying it again must not end the run.
  if (!replayed && share_.over(record) && !fatal_)
    fatal_ = permanent("more than " + std::to_string(std::lround(100 * options_.max_dead_letters.share)) +
                           " % of " + std::to_string(options_.max_dead_letters.window) +
                           " records became dead letters, the last one of: " + dead_.back().why.why.what,
                       {}, "mend the cause, or raise the limit (max_dead_letters)");
}

void dispatcher::fail_whole(slice s, error why, failure_kind kind, time_point now,
                            std::uint32_t worker_index) {
  if (s.size() == 1 || why.kind == error_kind::exhausted) {
    const auto index = s.begin;
    if (why.kind == error_kind::exhausted) {
      count_failure(kind, s.size(), why);
      fatal_ = std::move(why);
      requeue_front(std::move(s), worker_index);
      return;
    }
    fail_record(std::move(s), index, {index, kind, std::move(why)}, now, worker_index);
    return;
  }
  count_failure(kind, s.size(), why);
  if (s.from->traced) [[unlikely]]
    options_.traces->failed(*s.from->traced, *s.from->batch, s.begin, s.end, s.attempt, kind, why, now);
  if (const auto when = next_attempt(s, why, now)) {
    wait_for_retry(std::move(s), *when, worker_index);
    return;
  }
  halve(std::move(s), worker_index);
}

/// Until the record at fault stands alone; each half keeps the attempt it is at.
void dispatcher::halve(slice s, std::uint32_t worker_index) {
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
  if (!serial() && !options_.whole_tasks && !outage_ && retries_.size() < free_retries) {
    // The batch's demand is granted back before this record is decided, so that the stream goes on meanwhile.
    auto& from = *s.from;
    from.waiting += s.size();
    if (from.waiting == from.undecided && from.edge != UINT32_MAX && !std::exchange(from.granted, true))
      granted_.push_back({from.edge, from.lane});
  }
  queued_ += s.size();
  retries_.push_back({when, next_id_++, std::move(s)});
  std::ranges::push_heap(retries_, std::greater<>{});
}

std::optional<time_point> dispatcher::next_attempt(slice& s, const error& why, time_point now) {
  if (!s.first_failure) {
    s.first_failure = now;
    s.successes = successes_before_;
  }
  if (why.kind != error_kind::transient)
    return std::nullopt;
  auto wait = options_.retry.next({s.attempt, why, random()});
  if (!wait && s.size() == 1 && suspicious(s, why, now))
    wait = outage_backoff.wait(s.attempt, random());
  if (!wait)
    return std::nullopt;
  auto when = later(now, *wait);
  if (outage_ || options_.is_sink) {
    begin_outage(why, when);
    when = std::max(when, outage_->until);
  } else {
    when = tokens_.take(now, when);
  }
  ++s.attempt;
  return when;
}

/// A record has used up its attempts. When nothing has gone well since it first failed, the fault may lie
/// with the world outside, not with the record: it is held back, and two such records with the same cause are
/// an outage. Where nothing is left to compare it with, it is what it seems to be.
bool dispatcher::suspicious(slice& s, const error& why, time_point now) {
  const auto patience = options_.node.outage_patience;
  if (s.from->replayed && !outage_)
    return false; // it was judged before: it is no sign that the world is away
  if (options_.is_sink || !options_.retry.retries() || (!outage_ && successes_ != s.successes) ||
      (input_ended_ && in_hand_ == 1) || (patience.count() > 0 && now - *s.first_failure >= patience))
    return false;
  if (suspects_ == 0 || suspect_cause_ != why.what) {
    suspect_cause_ = why.what;
    suspects_ = 0;
    s.suspected = false;
  }
  if (!std::exchange(s.suspected, true))
    ++suspects_;
  if (suspects_ >= 2 && !outage_)
    begin_outage(why, now);
  return true;
}

void dispatcher::begin_outage(const error& why, time_point until) {
  if (!outage_) {
    outage_ = outage{why, until};
    figures_.outage.store(1, std::memory_order_relaxed);
    node_figures::add(figures_.outages, 1);
    news_.push_back({.kind = event_kind::outage, .node = {}, .cause = why.what});
  }
  outage_->why = why;
  outage_->until = std::max(outage_->until, until);
}

void dispatcher::succeeded(std::uint64_t records, time_point now) {
  if (records == 0)
    return;
  successes_ += records;
  suspects_ = 0;
  tokens_.earn(records);
  if (!outage_)
    return;
  // The world is back: what waited for it need wait no longer.
  outage_.reset();
  news_.push_back({.kind = event_kind::recovered, .node = {}, .cause = {}});
  figures_.outage.store(0, std::memory_order_relaxed);
  for (retry& r : retries_)
    r.when = std::min(r.when, now);
  std::ranges::make_heap(retries_, std::greater<>{});
  for (lane& l : lanes_)
    l.blocked_until = std::min(l.blocked_until, now);
}

void dispatcher::restarted(worker& w, restart_reason reason, const error& why, time_point now) {
  deal_again_ = true;
  ++w.restarts;
  node_figures::add(figures_.restarts, 1);
  node_figures::add(figures_.restarts_by[static_cast<std::size_t>(reason)], 1);
  const auto index = static_cast<std::uint32_t>(&w - workers_.data());
  if (index < figures_.by_worker.size())
    figures_.by_worker[index].restarts.store(w.restarts, std::memory_order_relaxed);
  news_.push_back({.kind = event_kind::restart,
                   .node = {},
                   .worker = index,
                   .cause = std::string{to_string(reason)} + ": " + why.what});
  last_failure_.emplace(reason == restart_reason::timeout ? failure_kind::timeout
                        : reason == restart_reason::crash ? failure_kind::crash
                                                          : failure_kind::error,
                        why);
  const retry_policy backoff{options_.node.restart.backoff};
  w.not_before = later(now, backoff.wait(++w.in_a_row, random()));
  if (worker_restarts_.allow(now))
    return;
  if (node_restarts_.allow(now)) {
    rebuild_ = true;
    news_.push_back({.kind = event_kind::escalation,
                     .node = {},
                     .cause = "too many restarts of single workers: all are made anew"});
    return;
  }
  const auto seconds = std::chrono::duration<double>(options_.node.restart.within).count();
  fatal_ =
      permanent("restarted too often: its workers more than " + std::to_string(options_.node.restart.max) +
                    " times within " + std::to_string(std::lround(seconds)) +
                    " s, over and over; the last time because: " + why.what,
                {}, why.fix);
}

void dispatcher::start_failed(worker& w, error why, time_point now) {
  w.state = worker_state::made;
  count_failure(failure_kind::error, 1, why);
  if (why.kind != error_kind::transient) {
    fatal_ = std::move(why);
    return;
  }
  if (options_.is_sink && w.started) { // it worked before: the world outside is away
    w.not_before = later(now, outage_backoff.wait(++w.in_a_row, random()));
    begin_outage(why, w.not_before);
    return;
  }
  if (!w.started && worker_restarts_.recent(now) >= options_.node.restart.max) {
    fatal_ = std::move(why); // it never worked: rebuilding more of it would not help
    return;
  }
  restarted(w, restart_reason::start, why, now);
}

crash_report dispatcher::crash_of(std::uint32_t index, failure_kind kind, error why, time_point now) const {
  const worker& w = workers_[index];
  crash_report report{kind, std::move(why), std::nullopt, now, w.restarts + 1};
  const auto at = w.marks->current.load(std::memory_order_relaxed);
  if (!w.ledger.empty())
    if (const slice& s = w.ledger.front().what; at >= s.begin && at < s.end)
      report.record = s.from->batch->id(at);
  return report;
}

/// The worker is fenced off; answers the task it was at (empty: none), those behind it are queued again.
dispatcher::slice dispatcher::take_back(std::uint32_t index, std::shared_ptr<call_marks> marks) {
  worker& w = workers_[index];
  auto lost = std::exchange(w.ledger, {});
  if (!fatal_ && std::ranges::any_of(lost, &handed::lent))
    fatal_ = permanent("a worker died while it changed a batch in place: its records cannot be tried again",
                       {}, "give the process more memory");
  if constexpr (broken(rule::commit_point)) {
    busy_ -= lost.empty() ? 0 : 1;
    for (const handed& h : std::exchange(lost, {})) {
      settle(h.what, h.what.size());
      if (options_.ordered)
        h.what.place->done = true;
    }
  }
  if (is_own(w.state) || !lost.empty())
    --busy_;
  ++w.incarnation;
  w.state = worker_state::made;
  deal_again_ = true;
  w.marks = std::move(marks);
  w.timer.reset();
  if (options_.keyed)
    lane_of(index).serving = false;
  show(index, time_point{});
  // Newest first, so that the oldest ends up at the front.
  while (lost.size() > 1) {
    requeue_front(std::move(lost.back().what), index);
    lost.pop_back();
  }
  return lost.empty() ? slice{} : std::move(lost.front().what);
}

void dispatcher::rebuild_worker(std::uint32_t index, std::shared_ptr<call_marks> marks, time_point now) {
  worker& w = workers_[index];
  if (w.state == worker_state::drained)
    return;
  const bool lost_state = w.aggregated > 0;
  slice s = take_back(index, std::move(marks));
  if (s.from)
    requeue_front(std::move(s), index);
  if (lost_state && !fatal_)
    fatal_ = state_lost(w.aggregated);
  ++w.restarts;
  node_figures::add(figures_.restarts, 1);
  node_figures::add(figures_.restarts_by[static_cast<std::size_t>(restart_reason::escalation)], 1);
  w.not_before = std::max(w.not_before, now);
}

void dispatcher::replace_worker(std::uint32_t index, std::shared_ptr<call_marks> marks, failure_kind kind,
                                error why, time_point now) {
  worker& w = workers_[index];
  const auto at = w.marks->current.load(std::memory_order_relaxed);
  const auto was = w.state;
  slice s = take_back(index, std::move(marks));
  successes_before_ = successes_;
  restarted(w, kind == failure_kind::timeout ? restart_reason::timeout : restart_reason::crash, why, now);
  if (was == worker_state::draining && kind == failure_kind::timeout && !fatal_)
    fatal_ = permanent("the node did not end: " + why.what); // the next would take as long
  else if (w.aggregated > 0 && !fatal_)
    fatal_ = state_lost(w.aggregated); // without a state another can end in its place
  if (!s.from)
    return;
  const bool known = at >= s.begin && at < s.end;
  if (options_.whole_tasks) {
    fail_whole(std::move(s), std::move(why), kind, now, index);
  } else if (!known && s.size() > 1) { // nobody is blamed for another
    if (std::exchange(s.careful, true))
      halve(std::move(s), index);
    else
      requeue_front(std::move(s), index);
  } else {
    const auto culprit = known ? at : s.begin;
    slice before = s;
    slice rest = s;
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
      fail_record(std::move(s), culprit, {culprit, kind, why}, now, index);
      if (before.size() > 0)
        requeue_front(std::move(before), index);
    } else {
      if (before.size() > 0)
        requeue_front(std::move(before), index);
      fail_record(std::move(s), culprit, {culprit, kind, why}, now, index);
    }
  }
  if (options_.ordered)
    release_ordered();
}

} // namespace weir::detail
