#pragma once

// The same work as actors of CAF 0.17 without Weir, as someone who knows CAF writes it: an actor a step,
// batches that are made once and go round (the last actor sends the empty batch back to the source: that is
// the credit), messages that carry a pointer, as many scheduler threads as processors, CAF's default policy.

#include <bench/baselines/threads.hpp>

namespace weir::bench {

timed_totals pipeline_caf(std::uint64_t records, batching b);
timed_totals farm_caf(std::uint64_t records, batching b);
/// One source, two actors that keep windows, one that sums.
timed_totals keyed_caf(std::uint64_t records, batching b);

} // namespace weir::bench
