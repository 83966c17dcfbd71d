#pragma once

// Runs variants and keeps what they took. Each repeat is a process of its own, forked from this one, which
// has no threads: so none finds memory, threads or caches that another left, and its processor time and peak
// memory are its own.

#include <bench/workload.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir::bench {

struct measured {
  std::string workload;
  std::string variant;
  std::uint64_t records = 0;
  std::vector<double> seconds; ///< a repeat
  std::vector<double> cpu;     ///< processor seconds, user and system, a repeat
  double peak_mib = 0;         ///< of the repeat that used most
  /// Its median over that of "ideal" and of each variant it is compared with: 1.05 takes 5 % longer.
  std::map<std::string, double> ratio_to;

  double per_second() const;
};

double median(std::vector<double> of);

/// The variants `only` names (no name = all) and what they are compared with, in turns, `repeats` times.
/// Throws when one fails.
std::vector<measured> measure(const workload& what, const sizes& of, const std::vector<std::string>& only,
                              std::uint32_t repeats);

} // namespace weir::bench
