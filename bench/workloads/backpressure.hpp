#pragma once

// A sink 100 times slower than its source, for a minute: demand must hold the source back, so memory does not
// grow, and nothing is lost.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> backpressure_variants(const sizes& of);

} // namespace weir::bench
