#include <weir/runtime/dispatcher.hpp>

#include <weir/runtime/run_traces.hpp>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <functional>
#include <utility>

namespace weir::detail {

namespace {
using namespace std::chrono_literals;

constexpr double task_target_ns = 10e6;   // a task lasts about 10 ms
constexpr double prefetch_below_ns = 2e6; // shorter tasks are handed out one ahead
constexpr double cut_above_ns = 50e3;     // a batch is shared among workers in pieces no shorter
} // namespace

dispatcher::dispatcher(dispatcher_options options, node_figures& figures)
    : options_(options), figures_(figures), lanes_(1),
      random_(static_cast<std::minstd_rand::result_type>(options.seed % 2147483646U + 1U)),
      tokens_(options.node.retries), share_(options.max_dead_letters),
      worker_restarts_(options.node.restart.max, options.node.restart.within),
      node_restarts_(options.node.restart.max, options.node.restart.within) {
  deals_ = options.node.dispatch != dispatch::pull && !options.keyed;
  lane_step_ = deals_ || options.keyed ? 1 : 0;
  first_lane_ = deals_ ? 1 : 0;
}

void dispatcher::offer(batch_ptr batch, std::uint32_t edge, std::uint32_t offered_lane, time_point now) {
  const std::uint32_t n = batch->size();
  std::shared_ptr<traced_batch> traced;
  if (options_.traces) [[unlikely]]
    traced = options_.traces->arrived(*batch, edge, now);
  const std::uint64_t size_of_each = batch->bytes() / std::max(1U, n);
  node_figures::add(figures_.received, n);
  slice s;
  s.from = std::make_shared<input>(input{std::move(batch), edge, n, std::exchange(offered_, offered_ + n)});
  s.from->traced = std::move(traced);
  s.end = n;
  bytes_per_record_ = size_of_each;
  enqueue(std::move(s), offered_lane, now);
}

void dispatcher::offer_again(batch_ptr batch, std::uint32_t index, std::uint32_t lane, time_point now) {
  slice s;
  s.from = std::make_shared<input>(input{std::move(batch), UINT32_MAX, 1});
  s.from->replayed = true;
  s.begin = index;
  s.end = index + 1;
  ++replays_in_hand_;
  enqueue(std::move(s), lane, now);
}

void dispatcher::enqueue(slice s, std::uint32_t offered_lane, time_point now) {
  const std::uint32_t lane_index = deals_ ? lane_offered(offered_lane) : offered_lane;
  if (lane_index >= lanes_.size())
    lanes_.resize(lane_index + 1);
  if (in_hand_ == 0) // it had nothing to decide until now: that was no stall
    note_progress(now);
  in_hand_ += s.size();
  queued_ += s.size();
  s.from->lane = offered_lane;
  s.first_seen = now;
  if (options_.ordered)
    s.place = segments_.emplace(segments_.end());
  lanes_[lane_index].queue.push_back(std::move(s));
  show_queue();
}

void dispatcher::show_queue() noexcept {
  figures_.queued.store(queued_, std::memory_order_relaxed);
  figures_.queued_bytes.store(queued_ * bytes_per_record_, std::memory_order_relaxed);
}

/// What the worker is at, for those who look from outside.
void dispatcher::show(std::uint32_t index, time_point now) noexcept {
  if (index >= figures_.by_worker.size())
    return;
  const worker& w = workers_[index];
  figures_.by_worker[index].busy_since.store(
      !w.ledger.empty() || w.state == worker_state::in_timer || w.state == worker_state::draining
          ? now.time_since_epoch().count()
      : w.state == worker_state::made || w.state == worker_state::starting ? worker_figures::starting
                                                                           : worker_figures::idle,
      std::memory_order_relaxed);
}

void dispatcher::add_worker(std::uint32_t index, std::shared_ptr<call_marks> marks) {
  assert(index == workers_.size());
  (void)index;
  worker w;
  w.marks = std::move(marks);
  w.incarnation = first_incarnation_;
  workers_.push_back(std::move(w));
  if (const auto lanes = lane_step_ * workers_.size() + first_lane_; lanes_.size() < lanes)
    lanes_.resize(lanes);
  show_workers();
}

void dispatcher::show_workers() noexcept {
  figures_.workers.store(workers_.size() - vacant_, std::memory_order_relaxed);
}

std::size_t dispatcher::room(const worker& w) const noexcept {
  std::size_t most = 1;
  // A worker that is made anew after a throw must have nothing else in hand.
  if (options_.node.restart.on_throw == after_throw::keep) {
    if (!serial() && ns_per_record_ > 0 && workers_.size() > 1 && busy_ >= workers_.size() &&
        ns_per_record_ * task_size(lanes_.front()) < prefetch_below_ns)
      most = 2;
    most = std::max<std::size_t>(most, serial() && options_.keyed ? 1 : w.depth);
  }
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
  if (!options_.keyed && workers_.size() > 1 && &l == &lanes_.front()) {
    const double share = static_cast<double>(queued_) / static_cast<double>(workers_.size()) + 1;
    size = std::min(size, std::max(share, cut_above_ns / ns_per_record_));
  }
  return size < 1 ? 1U : size > 1e9 ? 1'000'000'000U : static_cast<std::uint32_t>(size);
}

std::optional<dispatcher::slice> dispatcher::next_slice(std::uint32_t index, time_point now) {
  if (deals_)
    deal(index);
  // In an outage a record that has not failed yet is the better probe: it says whether all fail or some.
  const bool fresh_first = outage_ && !options_.is_sink && !serial() && !lane_of(index).queue.empty();
  if (!options_.keyed && !retries_.empty() && retries_.front().when <= now && !fresh_first) {
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
  std::uint32_t most = front.attempt > 1 ? front.size() : task_size(l);
  if (outage_ && !options_.is_sink && !options_.whole_tasks)
    most = 1;
  slice cut = cut_front(l, most);
  queued_ -= cut.size();
  return cut;
}

/// The first records of a lane, at most so many, of one slice.
dispatcher::slice dispatcher::cut_front(lane& l, std::uint32_t most) {
  slice& front = l.queue.front();
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
    ++busy_;
    show(index, now);
    return t;
  };
  if (w.state == worker_state::made && (w.not_before > now || fatal_))
    return std::nullopt;
  if (w.state == worker_state::made)
    return own(task_kind::start, worker_state::starting);
  if (w.state == worker_state::ready && w.ledger.empty()) {
    if (nothing_left() || retires(index))
      return own(task_kind::drain, worker_state::draining);
    if (w.timer && *w.timer <= now && !fatal_) {
      w.timer.reset();
      return own(task_kind::timer, worker_state::in_timer);
    }
  }
  if (w.state != worker_state::ready || room(w) == 0 || fatal_ || retires(index))
    return std::nullopt;
  if (w.timer && *w.timer <= now && !w.ledger.empty())
    return std::nullopt; // let it run dry, so that its timer gets a turn
  if (outage_ && (now < outage_->until ||
                  std::ranges::any_of(workers_, [](const worker& other) { return !other.ledger.empty(); })))
    return std::nullopt; // one probe at a time
  auto s = next_slice(index, now);
  if (!s)
    return std::nullopt;
  ++next_id_;
  if (s->attempt > 1)
    node_figures::add(figures_.retries, s->size());
  t.exclusive = options_.may_lend && s->size() == s->from->batch->size() && s->from.use_count() == 1 &&
                s->from->batch->unique();
  t.input = s->from->batch;
  t.begin = s->begin;
  t.end = s->end;
  t.attempt = s->attempt;
  t.careful = s->careful;
  const bool was_idle = w.ledger.empty();
  busy_ += was_idle ? 1 : 0;
  w.ledger.push_back({t.id, std::move(*s), t.exclusive});
  if (was_idle) {
    show(index, now);
    now_busy(now);
  }
  if (options_.keyed)
    lane_of(index).serving = true;
  figures_.busy_workers.store(busy_, std::memory_order_relaxed);
  show_queue();
  return t;
}

bool dispatcher::wants_worker(time_point now) const noexcept {
  if (options_.keyed || queued_ == 0 || workers_.size() >= options_.node.workers.most() ||
      busy_ < workers_.size() || outage_ || retiring_)
    return false;
  return std::ranges::all_of(workers_, [](const worker& w) { return w.state == worker_state::ready; }) &&
         lanes_.front().blocked_until <= now;
}

bool dispatcher::elastic() const noexcept {
  return options_.node.workers.most() > options_.node.workers.min && !deals_ && !options_.keyed;
}

void dispatcher::now_busy(time_point now) noexcept {
  if (elastic())
    size_.busy(busy_, now);
}

void dispatcher::consider_size(time_point now) {
  if (!elastic() || retiring_ || workers_.size() <= std::max(1U, options_.node.workers.min) || fatal_ ||
      nothing_left())
    return;
  if (!size_.one_too_many(static_cast<std::uint32_t>(workers_.size()), now) ||
      workers_.back().state != worker_state::ready)
    return;
  retiring_ = true;
  news_.push_back({.kind = event_kind::scale_down,
                   .node = {},
                   .worker = static_cast<std::int64_t>(workers_.size()) - 1,
                   .cause = "of " + std::to_string(workers_.size()) + " workers " +
                            std::to_string(std::lround(size_.mean() * 10) / 10.0).substr(0, 3) +
                            " were busy on average"});
}

bool dispatcher::take_retired(time_point now) {
  if (!retiring_ || workers_.back().state != worker_state::drained || nothing_left())
    return false;
  retiring_ = false;
  first_incarnation_ = std::max(first_incarnation_, workers_.back().incarnation + 1);
  workers_.pop_back();
  size_.changed(now);
  show_workers();
  return true;
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
  for (const auto& w : workers_) {
    if (w.timer && w.state == worker_state::ready)
      sooner(*w.timer);
    if (w.state == worker_state::made)
      sooner(w.not_before);
  }
  if (outage_)
    sooner(outage_->until);
  if (const auto look = size_.due(); look && workers_.size() > options_.node.workers.min && !retiring_)
    sooner(*look);
  return at;
}

void dispatcher::note_progress(time_point now) noexcept {
  figures_.last_progress.store(static_cast<std::uint64_t>(now.time_since_epoch().count()),
                               std::memory_order_relaxed);
}

bool dispatcher::has_work() const noexcept {
  return queued_ > 0 || retiring_ || leaving_ > 0 || std::ranges::any_of(workers_, [this](const worker& w) {
           return w.state == worker_state::made ||
                  (w.state == worker_state::ready && (nothing_left() || w.timer.has_value()));
         });
}

bool dispatcher::finished() const noexcept {
  return nothing_left() && busy_ == 0 &&
         std::ranges::all_of(workers_, [](const worker& w) { return w.state == worker_state::drained; });
}

} // namespace weir::detail
