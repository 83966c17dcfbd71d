#pragma once

// Runs variants and keeps what they took.
//
// Each repeat is a process of its own, forked from this one, which has no threads: so none finds memory,
// threads or caches that another left, and its processor time and peak memory are its own. The variants take
// turns, every second round in the opposite order, so that a busy machine slows all of them.

#include <bench/workload.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace weir::bench {

struct measured {
  std::string workload;
  std::string variant;
  std::uint64_t records = 0;
  std::vector<double> seconds; ///< a repeat
  std::vector<double> cpu;     ///< processor seconds of the whole process, user and system, a repeat
  double peak_mib = 0;         ///< of the repeat that used most
  std::map<std::string, std::vector<double>> figures{}; ///< what the variant told, a repeat
  /// Its records a second over those of each variant it is compared with: 1.05 is 5 % faster. "ideal": the
  /// ideal seconds over its own, so 1.00 is perfect. Median of the ratios of the rounds.
  std::map<std::string, double> ratio_to{};

  /// Records a second, median.
  double per_second() const;
  /// Records a second, a repeat.
  std::vector<double> rates() const;
};

double median(std::vector<double> of);

struct measure_options {
  /// Variants by name, and what they are compared with. Default: all.
  std::vector<std::string> only{};
  std::uint32_t repeats = 3;
  /// A repeat that takes longer is ended, and an error. Default 600.
  std::uint32_t most_seconds = 600;
  /// Told before each run of a variant: which, how many runs are behind, how many there are.
  std::function<void(const std::string& variant, std::size_t done, std::size_t all)> progress{};
};

/// Throws when a variant fails.
std::vector<measured> measure(const workload& what, const sizes& of, const measure_options& options);

} // namespace weir::bench
