#pragma once

// What can go wrong in a simulated or probed workflow.

#include <weir/base/clock.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace weir {

/// What happens to a worker's task. Those that take time need a node with a timeout (a hang without one is
/// for ever) and a worker that is not the node itself (isolation `thread`, or more than one worker).
enum class fault : std::uint8_t {
  none,
  throws,       ///< user code throws at one record
  throws_after, ///< it throws when the task is done: its outputs count for nothing, its side effects happened
  hangs,        ///< at one record, until it is asked to stop
  ignores_stop, ///< hangs for good: the worker is abandoned
  late,         ///< the same, but answers long after it was replaced
  slow,         ///< takes a while
  dies_before,  ///< the worker is gone before it did anything
  dies_after,   ///< the worker is gone after it did everything, before it answered
};
inline constexpr std::size_t fault_kinds = 9;

/// "none", "throws", …
std::string_view to_string(fault f) noexcept;

/// How often faults happen by themselves: chances a task, 0 to 1. Default: never.
struct fault_rates {
  double throws = 0;
  double throws_after = 0;
  double hangs = 0;
  double ignores_stop = 0;
  double late = 0;
  double slow = 0;
  double dies_before = 0;
  double dies_after = 0;
  /// Chance of a timer to come late, by up to 100 ms.
  double late_timers = 0;
  /// Chance, before each event, that time goes on although there is work; and that it jumps by an hour.
  double time_passes = 0;
  double time_jumps = 0;

  /// All of them, now and then.
  static fault_rates all(double scale = 1) noexcept {
    return {.throws = 0.03 * scale,
            .throws_after = 0.01 * scale,
            .hangs = 0.02 * scale,
            .ignores_stop = 0.005 * scale,
            .late = 0.01 * scale,
            .slow = 0.1 * scale,
            .dies_before = 0.01 * scale,
            .dies_after = 0.01 * scale,
            .late_timers = 0.1 * scale,
            .time_passes = 0.05 * scale,
            .time_jumps = 0.0002 * scale};
  }
};

/// Hosts of a simulated cluster.
struct host_options {
  std::uint32_t hosts = 0;        ///< at the start, and at most. Default none: every worker is here
  std::uint32_t per_host = 2;     ///< workers of each pool
  std::uint32_t workers_here = 0; ///< workers of each pool beside them
  /// Of a message between hosts, each drawn from 0 to this. Default 5 ms.
  duration most_delay = std::chrono::milliseconds{5};
  /// Mean time between troubles: a host vanishes, is given up although it lives, or is drained; it comes back
  /// in about as long. 0 = none by themselves. Default 0.
  duration trouble_every{0};
};

} // namespace weir
