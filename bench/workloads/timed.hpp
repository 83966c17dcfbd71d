#pragma once

// What a variant of a throughput workload gives back: what came out, and the seconds without set-up.

#include <bench/outcome.hpp>
#include <bench/workloads/record.hpp>

#include <chrono>

namespace weir::bench {

struct timed_totals {
  totals out;
  double seconds = 0;
};

class stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>{std::chrono::steady_clock::now() - began_}.count();
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace weir::bench
