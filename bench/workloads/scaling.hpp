#pragma once

// How Weir's cost grows: with workers, the size of a record, of a batch, the number of stages and of nodes.
// Variants are called SERIES-NUMBER ("stages-16"); `weir-bench plot` draws a curve a series.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> scaling_variants(const sizes& of);

} // namespace weir::bench
