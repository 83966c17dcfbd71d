#pragma once

// The throughput workloads on 64-byte records: Weir beside loops, a ring between threads, raw CAF and oneTBB.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

/// source -> map -> filter half -> sum, each its own actor.
std::vector<variant> pipeline_variants(const sizes& of);
/// The same four steps with no actor between map and filter.
std::vector<variant> fused_variants(const sizes& of);
/// Two workers with 2 us of arithmetic a record.
std::vector<variant> farm_variants(const sizes& of);
/// Split by key to two workers, which keep windows of 100 records a key.
std::vector<variant> keyed_variants(const sizes& of);
/// The same windows in one worker.
std::vector<variant> window_variants(const sizes& of);

} // namespace weir::bench
