#pragma once

// Measurements for people.

#include <bench/measure.hpp>

#include <string>
#include <vector>

namespace weir::bench {

/// 62612345 -> "62.6 M".
std::string short_number(double x);

/// A table, one line a variant. A column "x loop" says how many times the records a second of the loop.
std::string as_table(const std::vector<measured>& all);

/// A table of what changed since `before`, one line a variant that both have: records a second then and now,
/// each with its spread (how far the repeats lie from the median, in per cent), and a verdict: "faster" or
/// "slower" only where the repeats of then and now do not overlap, else "noise".
std::string as_changes(const std::vector<measured>& before, const std::vector<measured>& now);

} // namespace weir::bench
