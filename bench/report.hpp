#pragma once

// Measurements for people and for programs.

#include <bench/measure.hpp>

#include <string>
#include <vector>

namespace weir::bench {

/// A table, one line a variant.
std::string as_table(const std::vector<measured>& all);
/// An array, one object a variant: workload, variant, repeat[] (seconds), median_per_s, ratio_to{}, cpu_s
/// (median of the repeats), rss_mib.
std::string as_json(const std::vector<measured>& all);

} // namespace weir::bench
