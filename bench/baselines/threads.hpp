#pragma once

// The work by hand: loops on one thread and on two, and threads with rings between them. Each returns what
// came out and how long it took from its first record to its last.

#include <bench/workloads/timed.hpp>

#include <cstddef>
#include <cstdint>

namespace weir::bench {

/// How many records a batch has, and how many batches are under way at most.
struct batching {
  std::size_t records = 1'024;
  std::size_t window = 4;
};

// source -> mix -> keep -> sum
timed_totals pipeline_loop(std::uint64_t records);
timed_totals pipeline_batch_loop(std::uint64_t records, std::size_t batch);
/// Two such loops at once, each with half of the records: all that two processors can do.
timed_totals pipeline_two_loops(std::uint64_t records, std::size_t batch);
/// Two threads: one makes and mixes, one filters and sums; full batches one way, empty ones back.
timed_totals pipeline_ring(std::uint64_t records, batching b, bool branch = false);

// source -> work_hard -> sum
timed_totals farm_loop(std::uint64_t records);
/// Two threads, each with half of the records: the ideal.
timed_totals farm_two_loops(std::uint64_t records);

// source -> windows of 100 records a key -> sum
timed_totals window_loop(std::uint64_t records);
timed_totals window_batch_loop(std::uint64_t records, std::size_t batch);
/// Two threads: one makes, one keeps the windows and sums.
timed_totals window_ring(std::uint64_t records, batching b);
/// Three threads: one makes and splits by key, two keep the windows of their keys.
timed_totals keyed_rings(std::uint64_t records, batching b);

} // namespace weir::bench
