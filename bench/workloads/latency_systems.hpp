#pragma once

// The same four steps in each system that latency compares. Each function sets its system up, paces the load
// into it, waits until all has arrived, and answers the processor seconds of the pacing thread.

#include <bench/workloads/pacing.hpp>
#include <bench/workloads/record.hpp>

#include <cstdint>
#include <cstring>

namespace weir::bench {

/// Record `i`, with the time when it is due where no step looks.
inline record record_due(std::uint64_t i, std::uint64_t due) noexcept {
  record r;
  make_record(i, r);
  std::memcpy(r.payload + 16, &due, sizeof due);
  return r;
}

/// The last step. One thread at a time.
struct arrivals {
  explicit arrivals(std::uint64_t most) : late(most) {}
  void add(const record& r) {
    std::uint64_t due = 0;
    std::memcpy(&due, r.payload + 16, sizeof due);
    late.add(now_ns() - due);
    sum.add(r);
  }
  delays late;
  totals sum;
};

/// A workflow of four nodes, its source fed by the pacing thread.
double through_weir(const load& l, arrivals& seen);
/// Three actors of CAF; every record is a message.
double through_caf(const load& l, arrivals& seen);
/// One other thread that does all, behind a mutex and a condition variable.
double through_thread(const load& l, arrivals& seen);
/// A flow graph of three nodes.
double through_tbb(const load& l, arrivals& seen);

} // namespace weir::bench
