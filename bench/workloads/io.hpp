#pragma once

// Calls that wait: the case for many workers. Beside Weir, a pool of std::thread over a shared index.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> io_variants(const sizes& of);

} // namespace weir::bench
