#pragma once

// The same work with oneTBB, on as many threads as there are processors: parallel_pipeline (map and filter in
// parallel, batches from a fixed set, as its documentation shows) and a flow graph with a limiter.

#include <bench/baselines/threads.hpp>

namespace weir::bench {

// batching::window is the number of live tokens.
timed_totals pipeline_tbb(std::uint64_t records, batching b, bool branch = false);
timed_totals pipeline_tbb_graph(std::uint64_t records, batching b);
timed_totals farm_tbb(std::uint64_t records, batching b);
/// One source that splits by key, two serial nodes that keep windows.
timed_totals keyed_tbb_graph(std::uint64_t records, batching b);

} // namespace weir::bench
