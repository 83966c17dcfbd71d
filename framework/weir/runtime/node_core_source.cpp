// A node that is a source: when it is polled, what a poll's answer means, when batches are handed on.

#include <weir/runtime/node_core.hpp>
#include <weir/runtime/run_traces.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::detail {

using namespace std::chrono_literals;

namespace {
constexpr duration look_while_paused = 100ms;
} // namespace

void node_core::open_source() {
  source_ = definition_.make_source();
  auto limits = run_->settings.limits;
  if (const auto size = definition_.options.batch_size; size > 0)
    limits.max_records = std::min(size, limits.max_records);
  emitted_ = &source_->open(index_, limits, run_->budget);
  // Traces follow batches from their source on; where records end in it, there is nothing to follow.
  if (!emitted_->has_blocks() || (run_->traces && !definition_.delivers()))
    return;
  const bool one_edge = out_.size() == 1 && out_.front().size() == 1;
  const bool steps_behind = std::ranges::any_of(fused_, [](const auto& f) { return f != nullptr; });
  if (one_edge && !steps_behind && out_.front().front()->keys && out_.front().front()->keys_nothrow)
    split_end_.emplace(*out_.front().front(), *definition_.outputs.front().type, index_);
  if (split_end_ || definition_.make_steps)
    emitted_->go_through(definition_.make_steps ? definition_.make_steps() : nullptr,
                         split_end_ ? &*split_end_ : nullptr,
                         definition_.outputs.empty() ? nullptr : definition_.outputs.front().type);
}

bool node_core::poll(time_point until) {
  if (emitted_ == nullptr || (source_ended_ && emitted_->pending() == 0))
    return false;
  auto now = this->now();
  const auto began = now;
  if (now < source_back_at_) {
    host_.wake_at(source_back_at_);
    return false;
  }
  if (waits_for_budget_ && !budget_offered_->exchange(false))
    return false;
  waits_for_budget_ =
      run_->budget->over() && run_->budget->exceeded([offered = budget_offered_, wake = host_.make_waker()] {
        offered->store(true);
        wake();
      });
  if (waits_for_budget_)
    return false;
  for (const auto& port : out_)
    for (edge* e : port)
      if (!e->has_demand()) {
        lanes_may_go_ = true; // nothing more will come to them soon
        flush();
        return false;
      }
  const auto limit = definition_.options.batch_size > 0
                         ? std::min(definition_.options.batch_size, run_->settings.limits.max_records)
                         : run_->settings.limits.max_records;
  const bool paused = run_->paused.load(std::memory_order_relaxed) && !source_ended_;
  bool flush_now = source_ended_ || paused; // with a batch half full
  bool more = !source_ended_ && !paused;
  if (paused)
    host_.wake_at(later(now, look_while_paused));
  auto before = emitted_->position();
  try {
    const auto poll_until = std::min(until, now + 1ms);
    while (more && !emitted_->end_is_full() && now < poll_until) {
      before = emitted_->position();
      // Where fewer may come out than go in, what is pending says little about what there is room for.
      const auto room = emitted_->goes_through_blocks() ? 0 : emitted_->pending();
      emitted_->begin_poll(now, limit - std::min(limit - 1, room));
      poll_result said = source_->poll(emitted_->room());
      emitted_->end_poll();
      node_figures::add(figures_.received, emitted_->position() - before);
      before = emitted_->position();
      if (said.what() != poll_result::state::failed)
        source_failures_ = 0;
      switch (said.what()) {
      case poll_result::state::more:
        break;
      case poll_result::state::end:
        source_ended_ = true;
        flush_now = true;
        more = false;
        break;
      case poll_result::state::idle: // any event polls it again: that costs a call, and no wake-up can be
                                     // missed
        if (said.wait())
          host_.wake_at(later(now, *said.wait()));
        else if (said.descriptor() >= 0)
          host_.wake_when_readable(said.descriptor());
        flush_now = true;
        more = false;
        break;
      case poll_result::state::failed:
        throw said.why();
      }
      now = run_->time->now();
      now_is(now);
    }
  } catch (const error& why) {
    more = false;
    flush_now = true;
    source_failed(why, now);
  } catch (...) {
    more = false;
    flush_now = true;
    source_failed(error_from(std::current_exception()), now);
  }
  emitted_->end_poll(); // what came before a throw
  node_figures::add(figures_.received, emitted_->position() - before);
  try {
    if (const auto progress = source_->progress()) {
      figures_.progress_done.store(progress->done, std::memory_order_relaxed);
      figures_.progress_total.store(progress->total, std::memory_order_relaxed);
    }
  } catch (...) {
    source_failed(error_from(std::current_exception()), now);
  }
  bury_rejected();
  if (source_failures_ == 0 && figures_.outage.load(std::memory_order_relaxed) != 0) {
    figures_.outage.store(0, std::memory_order_relaxed);
    run_->events.add({.kind = event_kind::recovered, .node = run_->nodes[index_].id, .cause = {}});
  }
  if (emitted_->pending() > 0 && now - emitted_->pending_since() >= definition_.options.max_delay)
    flush_now = true;
  bool sent = emitted_->goes_through_blocks() && emit_from_blocks(flush_now, began, now);
  for (auto& b : emitted_->take(flush_now)) {
    turn_records_ += b->size();
    if (run_->traces) [[unlikely]]
      run_->traces->emitted(*b, now);
    route(0, std::move(b));
    sent = true;
  }
  if (sent)
    return true;
  if (more)
    host_.wake_soon();
  return false;
}

/// Accounts for what has gone through blocks, and hands on what was split by key.
bool node_core::emit_from_blocks(bool flush_now, time_point began, time_point now) {
  const auto counts = emitted_->take_counts();
  node_figures::add(figures_.filtered, counts.in - counts.out);
  if (definition_.delivers()) {
    turn_records_ += counts.in;
    node_figures::add(figures_.delivered, counts.out);
    if (run_->settings.metrics && counts.out > 0)
      figures_.record_latency.record(now - began, counts.out);
    return counts.in > 0;
  }
  if (!split_end_)
    return false;
  edge& e = split_end_->to();
  const std::uint64_t put = split_end_->take_put();
  e.sent.fetch_add(put, std::memory_order_relaxed);
  node_figures::add(figures_.sent, put);
  turn_records_ += counts.in;
  for (auto& part : split_end_->take_full())
    deliver(e, std::move(part.batch), part.lane);
  lanes_may_go_ = flush_now || e.lanes->waiting() >= run_->settings.limits.max_records / 2 ||
                  now - split_end_->waiting_since() >= definition_.options.max_delay;
  return put > 0;
}

void node_core::source_failed(const error& why, time_point now) {
  node_figures::add(figures_.errors, 1);
  run_->note_failure(index_, failure_kind::error, why);
  if (why.kind != error_kind::transient) {
    error told = why;
    if (told.where.empty())
      told.where = "node '" + run_->nodes[index_].id + "'";
    fail(std::move(told),
         why.kind == error_kind::exhausted ? run_status::drained_uncleanly : run_status::failed);
    source_ended_ = true;
    return;
  }
  // The world outside is away: ask again later, for as long as it takes.
  if (figures_.outage.exchange(1, std::memory_order_relaxed) == 0) {
    node_figures::add(figures_.outages, 1);
    run_->events.add({.kind = event_kind::outage, .node = run_->nodes[index_].id, .cause = why.what});
  }
  run_->note_cause(index_, why);
  const retry_policy without_limit{exponential_backoff{.max = 10s, .max_attempts = 0}};
  auto wait = without_limit.wait(++source_failures_, 0.5);
  if (const auto& own = definition_.options.retry)
    wait = own->next({source_failures_, why, 0.5}).value_or(wait);
  source_back_at_ = later(now, std::max<duration>(1ms, wait));
  host_.wake_at(source_back_at_);
}

} // namespace weir::detail
