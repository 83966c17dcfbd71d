#pragma once

// A workflow drawn from a seed, run in the simulator under faults drawn from it, judged by the conservation
// oracle.

#include <cstdint>
#include <string>

namespace weir_tests {

struct outcome {
  std::uint64_t seed = 0;
  bool ok = false;
  std::string shape;  ///< the workflow, its faults and its end, in a line
  std::string wrong;  ///< what the oracle says; empty when ok
  std::string status; ///< how the run ended
  std::uint64_t events = 0;
  std::uint64_t records = 0;
  std::uint64_t dead = 0;
  std::uint64_t restarts = 0;
  std::uint64_t outages = 0;
};

/// `trace`: prints every fault and every write of a sink.
outcome run_seed(std::uint64_t seed, bool trace = false);

} // namespace weir_tests
