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

/// Hosts of a simulated cluster, and the network between them and the coordinator.
struct host_options {
  std::uint32_t hosts = 0;    ///< at the start. Default none: every worker is here
  std::uint32_t per_host = 2; ///< workers of each pool
  bool workers_here = false;  ///< the coordinator has workers of its pools, too: as many as a pool says
  /// Of a message between hosts, each drawn from 0 to this. Default 5 ms.
  duration most_delay = std::chrono::milliseconds{5};
  /// Chance of a packet to be lost: it comes 200 ms later, twice as late if it is lost again. Default 0.
  double loss = 0;
  /// Links that hold four frames of 128 bytes, hosts that take 2 KiB of tasks: demand is what counts.
  bool narrow = false;
  /// Mean time between troubles of one host: it is killed, paused, cut off in one direction, loses its
  /// connection, leaves, or is told to. Those that do not run are started again in about as long.
  /// 0 = none by themselves. Default 0.
  duration trouble_every{0};
  std::uint32_t most_troubles = 40; ///< then there is peace, so that a run ends
};

} // namespace weir
