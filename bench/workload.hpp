#pragma once

// What can be measured. A workload is a question ("how long do 1,000 waits of 60 ms take?"), its variants are
// ways to do the same work: Weir with different settings, and what one would write without it.
//
// A new workload is a file in workloads/ and a line in workload.cpp.

#include <bench/outcome.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::bench {

struct sizes {
  /// Slow variants with all their records instead of a share of them.
  bool full = false;
  /// A check that all of it works, in seconds: an eighth of the records, and what takes its time takes less.
  bool quick = false;
  /// How many of so many records to use.
  constexpr std::uint64_t records(std::uint64_t all) const noexcept { return quick ? all / 8 : all; }
};

struct variant {
  std::string name;
  std::uint64_t records = 0;
  /// What the work would take if nothing else cost anything.
  std::optional<double> ideal_seconds{};
  /// What it is compared with: a word for the report (loop, ring, caf, tbb, …), and the name of a variant of
  /// the same workload.
  std::vector<std::pair<std::string, std::string>> compared_with{};
  /// Called once, in the parent process, before the first run: what must come out, files that all runs read.
  /// It leaves no thread behind.
  std::function<void()> prepare{};
  /// Does the work once; throws when what came out is wrong. Runs in a process of its own, so it may leave
  /// threads and memory behind. It may return an outcome, or nothing: then the whole call is timed.
  work run{};
};

struct workload {
  std::string_view name;
  std::string_view about;
  std::vector<variant> (*variants)(const sizes& of);
};

/// All of them, in the order in which they run.
std::span<const workload> workloads();

} // namespace weir::bench
