#pragma once

// farm-skewed without a machine: what a dispatch policy alone does to queueing delay.

#include <bench/workloads/pacing.hpp>
#include <bench/workloads/record.hpp>

#include <weir/node/options.hpp>

#include <cstdint>

namespace weir::bench {

/// Records that are due as `l` says, on workers that take `cost` nanoseconds for each. Figures: delays.
outcome model_policy(const load& l, dispatch how, std::uint32_t workers,
                     std::uint64_t (*cost)(const record&));

} // namespace weir::bench
