#include <weir/runtime/run_traces.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>

namespace weir::detail {

using namespace std::chrono_literals;

run_traces::run_traces(const workflow& w, std::shared_ptr<const clock> time)
    : options_(w.settings().tracing), workflow_(w.name()), began_(time->now()),
      began_wall_(std::chrono::system_clock::now()), sources_(w.nodes().size()) {
  for (const auto& n : w.nodes())
    nodes_.push_back(n.id);
  for (const auto& e : w.edges())
    edge_from_.push_back(e.from);
  std::random_device entropy; // ids must differ from those of every other run
  std::seed_seq seed{entropy(), entropy(), entropy(), entropy()};
  random_.seed(seed);
}

std::chrono::system_clock::time_point run_traces::wall(time_point at) const {
  return began_wall_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(at - began_);
}

std::uint64_t run_traces::new_id() {
  std::uint64_t id = 0;
  while (id == 0)
    id = random_();
  return id;
}

/// Records until the next one that is chosen, so that those between cost nothing.
std::uint64_t run_traces::gap() {
  if (options_.ratio >= 1)
    return 0;
  const double u = std::uniform_real_distribution<double>{std::numeric_limits<double>::min(), 1}(random_);
  return static_cast<std::uint64_t>(std::min(std::log(u) / std::log1p(-options_.ratio), 1e18));
}

bool run_traces::may_begin(time_point now) {
  if (second_ == time_point{} || now - second_ >= 1s) {
    second_ = now;
    begun_in_second_ = 0;
  }
  return begun_in_second_ < options_.per_second && ++begun_in_second_ > 0;
}

void run_traces::emitted(const batch& b, time_point now) {
  if (b.empty() || b.source() >= sources_.size())
    return;
  const std::lock_guard lock{mutex_};
  source_state& s = sources_[b.source()];
  const bool by_ratio = options_.ratio > 0;
  if (by_ratio && !std::exchange(s.begun, true))
    s.next = b.first_position() + gap();
  const auto is_next = [&](std::uint64_t position) {
    bool chosen = false;
    while (by_ratio && s.next <= position) { // positions may be missing: rejected records
      chosen |= s.next == position;
      s.next += 1 + gap();
    }
    return chosen;
  };
  if (!options_.parent_of && b.dense()) {
    const auto end = b.first_position() + b.size();
    while (by_ratio && s.next < end) {
      choose(b, static_cast<std::uint32_t>(s.next - b.first_position()), {}, now);
      s.next += 1 + gap();
    }
    return;
  }
  for (std::uint32_t i = 0; i < b.size(); ++i) {
    std::optional<trace_parent> parent;
    if (options_.parent_of) {
      try {
        parent = options_.parent_of(b.type(), b.record(i));
      } catch (...) { // the author's: a record without a parent
        parent.reset();
      }
    }
    const bool chosen = is_next(b.first_position() + b.offset(i));
    if (parent ? parent->sampled : chosen)
      choose(b, i, parent, now);
  }
}

void run_traces::choose(const batch& b, std::uint32_t index, const std::optional<trace_parent>& parent,
                        time_point now) {
  if (!may_begin(now))
    return;
  const record_id id = b.id(index);
  const key k{id.source, id.position};
  const auto [at, is_new] = traces_.try_emplace(k);
  if (!is_new)
    return;
  oldest_.push_back(k);
  at->second.trace = parent ? parent->trace : trace_id{new_id(), new_id()};
  span s;
  s.trace = at->second.trace;
  s.id = new_id();
  s.parent = parent ? parent->span : 0;
  s.workflow = workflow_;
  s.node = nodes_[id.source];
  s.record = to_string(id, s.node);
  s.start = wall(std::min(b.origin(), now));
  s.end = wall(now);
  s.queued = duration{0};
  s.processing = now - std::min(b.origin(), now);
  at->second.spans.push_back({id.source, id.ordinal, s.id});
  options_.spans->add(std::move(s));
  if (oldest_.size() > most_traces) {
    traces_.erase(oldest_.front());
    oldest_.pop_front();
  }
}

std::unique_ptr<traced_batch> run_traces::arrived(const batch& b, std::uint32_t edge, time_point now) {
  const std::lock_guard lock{mutex_};
  const key first{b.source(), b.first_position()};
  auto at = traces_.lower_bound(first);
  if (at == traces_.end() || at->first.first != b.source() || b.empty())
    return nullptr;
  std::uint64_t last = b.size() - 1;
  if (!b.dense())
    for (std::uint32_t i = 0; i < b.size(); ++i)
      last = std::max<std::uint64_t>(last, b.offset(i));
  last += b.first_position();
  if (at->first.second > last)
    return nullptr;
  std::unique_ptr<traced_batch> found;
  const auto from = edge_from_[edge];
  const auto take = [&](const trace_entry& entry, std::uint32_t index) {
    if (entry.spans.size() >= most_spans)
      return;
    const record_id id = b.id(index);
    // The parent: what this very record left at the node before, or what it was made of left there.
    std::uint64_t parent = entry.spans.front().span;
    for (const auto& s : entry.spans)
      if (s.node == from)
        parent = s.span;
    for (const auto& s : entry.spans)
      if (s.node == from && s.ordinal == id.ordinal)
        parent = s.span;
    if (!found)
      found = std::make_unique<traced_batch>();
    found->records.push_back({id, index, entry.trace, parent, now});
  };
  for (; at != traces_.end() && at->first.first == b.source() && at->first.second <= last; ++at) {
    const auto offset = static_cast<std::uint32_t>(at->first.second - b.first_position());
    if (b.dense()) {
      take(at->second, offset);
      continue;
    }
    for (std::uint32_t i = 0; i < b.size(); ++i)
      if (b.offset(i) == offset)
        take(at->second, i);
  }
  return found;
}

void run_traces::leave(traced_record& r, span s, std::uint32_t node) {
  r.left = true;
  s.trace = r.trace;
  s.parent = r.parent;
  s.workflow = workflow_;
  s.node = nodes_[node];
  s.record = to_string(r.id, nodes_[r.id.source]);
  s.failures = std::move(r.failures);
  const std::lock_guard lock{mutex_};
  s.id = new_id();
  if (const auto at = traces_.find({r.id.source, r.id.position}); at != traces_.end()) {
    if (at->second.spans.size() >= most_spans)
      return;
    at->second.spans.push_back({node, r.id.ordinal, s.id});
  }
  options_.spans->add(std::move(s));
}

void run_traces::done(traced_batch& at, std::uint32_t node, const answer& a, std::uint32_t begin,
                      std::uint32_t attempt) {
  if (a.whole)
    return; // told by failed()
  const time_point began = a.ended - a.took;
  for (auto& r : at.records) {
    if (r.left || r.index < begin || r.index >= a.next)
      continue;
    // Changed in place: failed records are in a batch of their own, and are tried again from there.
    const auto failure = std::ranges::find_if(a.failures, [&](const record_failure& f) {
      return a.in_place ? a.failed_input && a.failed_input->id(f.index) == r.id : f.index == r.index;
    });
    if (failure != a.failures.end()) {
      r.index = failure->index;
      continue;
    }
    span s;
    s.start = wall(std::min(r.arrived, began));
    s.end = wall(a.ended);
    s.queued = std::max<duration>(duration{0}, began - r.arrived);
    s.processing = a.took;
    s.attempts = attempt;
    s.worker = a.worker;
    s.task_records = a.next - begin;
    leave(r, std::move(s), node);
  }
}

void run_traces::failed(traced_batch& at, const batch& b, std::uint32_t begin, std::uint32_t end,
                        std::uint32_t attempt, failure_kind kind, const error& why, time_point now) {
  for (auto& r : at.records)
    if (!r.left && r.index >= begin && r.index < end && r.index < b.size() && b.id(r.index) == r.id)
      r.failures.push_back({wall(now), attempt, std::string{to_string(kind)}, why.what});
}

void run_traces::dead(traced_batch& at, std::uint32_t node, record_id id, std::uint32_t attempts,
                      std::uint32_t worker, time_point now) {
  for (auto& r : at.records) {
    if (r.left || r.id != id)
      continue;
    span s;
    s.start = wall(r.arrived);
    s.end = wall(now);
    s.attempts = attempts;
    s.worker = worker;
    s.task_records = 1;
    s.dead_letter = true;
    leave(r, std::move(s), node);
  }
}

} // namespace weir::detail
