#pragma once

// Sequential mode: the same node cores on one thread, without actors. After each batch of a source everything
// downstream runs dry before the next, so records reach every sink in source order. Where paths part and meet
// again, sources hand out one record at a time to keep that true.

#include <weir/runtime/run_state.hpp>

#include <atomic>
#include <memory>

namespace weir::detail {

/// What other threads ask of a sequential run.
struct sequential_control {
  std::atomic<bool> drain{false};
  std::atomic<bool> stop{false};
};

/// Runs to the end, in the calling thread.
void run_sequential(const std::shared_ptr<run_state>& run,
                    const std::shared_ptr<sequential_control>& control);

} // namespace weir::detail
