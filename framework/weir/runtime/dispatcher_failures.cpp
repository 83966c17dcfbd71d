// The dispatcher when something fails: a record, a call, a worker.

#include <weir/runtime/dispatcher.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace weir::detail {

namespace {
// Records waiting for a retry do not hold back the demand of their batch until so many are waiting.
constexpr std::size_t free_retries = 64;
} // namespace

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

} // namespace weir::detail
