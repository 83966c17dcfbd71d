#pragma once

// Results as pictures, drawn by gnuplot: a file WORKLOAD.svg with a bar a variant; for a workload whose
// variants are called SERIES-NUMBER, a file WORKLOAD-SERIES.svg with a curve over the number; and where
// variants tell p50_us or p99_us and are called NAME-LOAD, a file WORKLOAD.svg with latency over load.

#include <bench/measure.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace weir::bench {

struct plot {
  std::string name;   ///< of the file, without .svg
  std::string script; ///< for gnuplot, data included; writes the picture to its standard output
};

/// "stages-16" -> {"stages", 16}; "weir-100k" -> {"weir", 100000} (k and M). Nothing for other names.
struct numbered_name {
  std::string series;
  double number = 0;
  friend bool operator==(const numbered_name&, const numbered_name&) = default;
};
std::optional<numbered_name> parse_numbered(const std::string& variant);

std::vector<plot> plots_of(const std::vector<measured>& all);

/// Writes the picture of each into `folder`, which is made if need be; returns the files. Throws
/// std::runtime_error that says what to do where gnuplot is missing.
std::vector<std::filesystem::path> draw(const std::vector<plot>& plots, const std::filesystem::path& folder);

} // namespace weir::bench
