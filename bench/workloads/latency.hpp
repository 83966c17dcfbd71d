#pragma once

// How long a record takes from when it is due until it is summed, through source -> map -> filter -> sum, at
// loads from 1,000 to 1,000,000 records a second: the curve of latency against load. Variants are called
// SYSTEM-RATE (weir-100k); all are fed by one thread that spins on the clock. Beside Weir: CAF actors that
// pass single records, one thread behind a condition variable, a flow graph of oneTBB.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> latency_variants(const sizes& of);

} // namespace weir::bench
