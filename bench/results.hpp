#pragma once

// Measurements as a file: an array, one object a variant:
//
//     workload, variant, records, repeat[] (seconds), median_per_s, ratio_to{} (its records a second over
//     theirs: more than 1 is faster), cpu_s (median of the repeats), rss_mib (peak), figures{} (medians of
//     what the variant told, where it told something)

#include <bench/measure.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weir::bench {

std::string as_json(const std::vector<measured>& all);
/// What as_json wrote (processor seconds and figures: only their medians). Throws std::runtime_error.
std::vector<measured> from_json(std::string_view text);

/// Throws std::runtime_error with the file's name.
std::vector<measured> read_results(const std::string& file);
/// Throws if write_results could not: better before minutes of work than after.
void check_writable(const std::string& file);
void write_results(const std::string& file, const std::vector<measured>& all);

} // namespace weir::bench
