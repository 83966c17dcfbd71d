#pragma once

// The throughput workloads in Weir, through its public interface, one small function each. All that differs
// between variants is a setting.

#include <bench/workloads/timed.hpp>

#include <weir/weir.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace weir::bench {

/// Emits records [next, end).
class record_source {
 public:
  record_source(std::uint64_t next, std::uint64_t end) : next_(next), end_(end) {}
  poll_result poll(emitter<record>& out, std::size_t demand) {
    std::uint64_t left = std::min<std::uint64_t>(demand, end_ - next_);
    while (left > 0) {
      const auto room = out.prepare(left);
      std::uint64_t i = next_; // in a register
      for (record& r : room)
        make_record(i++, r);
      next_ = i;
      out.commit(room.size());
      left -= room.size();
    }
    return next_ == end_ ? poll_result::end() : poll_result::more();
  }

 private:
  std::uint64_t next_;
  std::uint64_t end_;
};

/// Another source, and when it was first asked: a run that waits for hosts begins then.
template <class T, class Source>
struct timed_source {
  Source source;
  std::shared_ptr<std::optional<stopwatch>> began;
  poll_result poll(emitter<T>& out, std::size_t demand) {
    if (!*began)
      began->emplace();
    return source.poll(out, demand);
  }
};

/// The same, a record at a time.
class single_record_source {
 public:
  single_record_source(std::uint64_t next, std::uint64_t end) : next_(next), end_(end) {}
  poll_result poll(emitter<record>& out, std::size_t demand) {
    const std::uint64_t stop = next_ + std::min<std::uint64_t>(demand, end_ - next_);
    for (; next_ < stop; ++next_) {
      record r;
      make_record(next_, r);
      out(r);
    }
    return next_ == end_ ? poll_result::end() : poll_result::more();
  }

 private:
  std::uint64_t next_;
  std::uint64_t end_;
};

struct stream_setup {
  std::uint32_t threads = 0; ///< of the scheduler; 0 = one a processor
  node_options map{};        ///< of the node that does the work
  node_options sum{};        ///< of the sink
  workflow_settings settings{};
  /// Makes what looks on while the pipeline runs, and is held until its end. Empty = nothing.
  std::function<std::shared_ptr<void>(const running&)> beside = {};
};

/// So many workers, of a node.
inline stream_setup with_workers(std::uint32_t n) { return {.map = {.workers = {n}}}; }
inline stream_setup isolated(std::uint32_t workers, isolation where) {
  stream_setup s = with_workers(workers);
  s.map.isolation = where;
  return s;
}

// source -> map -> filter -> sum, each a node of its own.
timed_totals pipeline_weir(std::uint64_t records, const stream_setup& setup);
/// The same by functions that make a new record of one, from a source that emits one by one.
timed_totals pipeline_copying_weir(std::uint64_t records, const stream_setup& setup);
/// source -> map, filter and sum as one node.
timed_totals fused_weir(std::uint64_t records, const stream_setup& setup);
/// So many streams at once in one workflow, each with its share of the records and its map and filter fused
/// into the source.
timed_totals fused_source_weir(std::uint64_t records, std::uint32_t streams, const stream_setup& setup);
/// source -> work_hard -> sum
timed_totals farm_weir(std::uint64_t records, const stream_setup& setup);
/// With a worker on each of so many hosts, which are processes of their own on this machine.
timed_totals farm_on_hosts_weir(std::uint64_t records, std::uint32_t hosts);
/// source -> windows of 100 a key, keyed, on the workers of setup.map -> sum
timed_totals windows_weir(std::uint64_t records, const stream_setup& setup);
/// The same by a node class that is called for each record, not for a task.
timed_totals windows_by_record_weir(std::uint64_t records, const stream_setup& setup);
/// source -> count and sum a key with the ready aggregate() -> sum
timed_totals aggregate_weir(std::uint64_t records, const stream_setup& setup);

/// How a run ended, as an exception where it did not end well.
void check(const run_result& r);
/// Runs the workflow on an engine that is there already; seconds from start to end.
double run_timed(const workflow& w, std::uint32_t threads,
                 const std::function<std::shared_ptr<void>(const running&)>& beside = {});

} // namespace weir::bench
