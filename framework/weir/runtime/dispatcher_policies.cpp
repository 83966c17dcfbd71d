// The dispatcher of a pool whose tasks are dealt to workers instead of pulled by them (options.hpp,
// dispatch).
//
// Invariants:
//  - lane 0 holds what was not dealt yet, lane 1 + w what worker w is to do next. A record is in one of them.
//  - dealt to is only a worker that has started and was not given up. When one starts, hangs or dies, lanes
//    are gathered into lane 0 and dealt anew: nothing waits for a worker that is gone.
//  - in an outage nothing is dealt: all is gathered, and whoever asks gets the oldest as a probe.
//  - key affinity: an idle worker takes from a lane whose worker cannot take more itself. So no worker idles
//    while records wait behind a busy one.

#include <weir/runtime/dispatcher.hpp>

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

namespace weir::detail {

std::uint32_t dispatcher::lane_offered(std::uint32_t lane) const noexcept {
  if (options_.node.dispatch != dispatch::key_affinity || workers_.empty())
    return 0;
  const auto preferred = lane % static_cast<std::uint32_t>(workers_.size()); // there are parts for its most
  return dealt_to(workers_[preferred]) ? 1 + preferred : 0;
}

bool dispatcher::dealt_to(const worker& w) noexcept {
  return w.state == worker_state::ready || w.state == worker_state::in_timer;
}

/// Before worker `asking` looks into its lane.
void dispatcher::deal(std::uint32_t asking) {
  if (deal_again_ || outage_)
    gather();
  deal_again_ = outage_.has_value();
  lane& own = lane_of(asking);
  if (outage_) { // its lane is empty now, as all are
    if (!lanes_.front().queue.empty()) {
      own.queue.push_back(std::move(lanes_.front().queue.front()));
      lanes_.front().queue.pop_front();
    }
    return;
  }
  if (!lanes_.front().queue.empty())
    deal_out();
  if (options_.node.dispatch == dispatch::key_affinity && own.queue.empty())
    take_from_busy(asking);
}

/// Lanes into lane 0, in turns, so that what is old stays in front. What prefers a worker that is there
/// stays, but for an outage.
void dispatcher::gather() {
  const bool all_lanes = outage_ || options_.node.dispatch != dispatch::key_affinity;
  std::deque<slice> all;
  for (bool any = true; std::exchange(any, false);)
    for (std::size_t w = 0; w < workers_.size(); ++w)
      if (auto& queue = lanes_[1 + w].queue; !queue.empty() && (all_lanes || !dealt_to(workers_[w]))) {
        all.push_back(std::move(queue.front()));
        queue.pop_front();
        any = true;
      }
  auto& rest = lanes_.front().queue;
  std::ranges::move(rest, std::back_inserter(all));
  rest = std::move(all);
}

/// Records that wait for this worker or are in its hands.
std::uint64_t dispatcher::load(std::uint32_t index) const noexcept {
  std::uint64_t records = 0;
  for (const slice& s : lanes_[1 + index].queue)
    records += s.size();
  for (const handed& h : workers_[index].ledger)
    records += h.what.size();
  return records;
}

/// The next to deal to: in turn, or the one with the least, equals in turn. None has started: none.
std::optional<std::uint32_t> dispatcher::choose(const std::vector<std::uint64_t>& loads) {
  std::optional<std::uint32_t> best;
  const auto all = static_cast<std::uint32_t>(workers_.size());
  for (std::uint32_t n = 1; n <= all; ++n) {
    const std::uint32_t w = (turn_ + n) % all;
    if (!dealt_to(workers_[w]))
      continue;
    if (!best || loads[w] < loads[*best])
      best = w;
    if (options_.node.dispatch == dispatch::round_robin)
      break;
  }
  turn_ = best.value_or(turn_);
  return best;
}

/// Lane 0 is dealt, cut into tasks. While nobody knows what a record costs, one to each that has none.
void dispatcher::deal_out() {
  const bool unknown = options_.node.batch_size == 0 && !options_.whole_tasks && ns_per_record_ <= 0;
  std::vector<std::uint64_t> loads(workers_.size());
  for (std::uint32_t w = 0; w < workers_.size(); ++w)
    loads[w] = load(w);
  lane& undealt = lanes_.front();
  while (!undealt.queue.empty()) {
    const auto to = choose(loads);
    if (!to || (unknown && loads[*to] > 0))
      return;
    const slice& front = undealt.queue.front();
    slice cut = cut_front(undealt, front.attempt > 1 ? front.size() : task_size(undealt));
    loads[*to] += cut.size();
    lane_of(*to).queue.push_back(std::move(cut));
  }
}

/// From the longest lane whose worker cannot take more: its last slice, or half of its only one.
void dispatcher::take_from_busy(std::uint32_t idle) {
  lane* longest = nullptr;
  std::uint64_t most = 0;
  for (std::uint32_t w = 0; w < workers_.size(); ++w) {
    const worker& other = workers_[w];
    if (w == idle || (other.state == worker_state::ready && room(other) > 0))
      continue;
    std::uint64_t waiting = 0;
    for (const slice& s : lanes_[1 + w].queue)
      waiting += s.size();
    if (waiting > most) {
      most = waiting;
      longest = &lanes_[1 + w];
    }
  }
  if (longest == nullptr)
    return;
  slice& last = longest->queue.back();
  lane& own = lane_of(idle);
  if (longest->queue.size() > 1 || last.size() == 1 || last.attempt > 1 || options_.whole_tasks) {
    own.queue.push_back(std::move(last));
    longest->queue.pop_back();
    return;
  }
  slice half = last;
  half.begin = last.begin + last.size() / 2;
  last.end = half.begin;
  own.queue.push_back(std::move(half));
}

} // namespace weir::detail
