#pragma once

// Sequential mode: the same node cores on one thread, without actors. After each batch of a source everything
// downstream runs dry before the next, so records reach every sink in source order. Where paths part and meet
// again, sources hand out one record at a time to keep that true.

#include <weir/runtime/run_state.hpp>
#include <weir/supervision/watchdog.hpp>

#include <atomic>
#include <functional>
#include <memory>

namespace weir::detail {

/// What other threads ask of a sequential run.
struct sequential_control {
  std::atomic<bool> drain{false};
  std::atomic<bool> stop{false};
  std::atomic<bool> replay{false}; ///< some node's queue has something
};

/// See watchdog::watch.
using watch_function =
    std::function<void(const std::shared_ptr<watched_call>&, duration, duration, std::function<void()>)>;

/// Runs to the end, in the calling thread. A call that hangs beyond its timeout and grace cannot be
/// abandoned: the run ends by force, and this thread is lost.
void run_sequential(const std::shared_ptr<run_state>& run, const std::shared_ptr<sequential_control>& control,
                    watch_function watch);

} // namespace weir::detail
