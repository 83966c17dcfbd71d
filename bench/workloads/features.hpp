#pragma once

// What each feature that can be turned on or off costs: the pipeline with and without it.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> feature_variants(const sizes& of);

} // namespace weir::bench
