#pragma once

// Pools on hosts in other processes: records a second by their size, and how soon all is well again when a
// host is gone.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> cluster_variants(const sizes& of);

} // namespace weir::bench
