#pragma once

// How a node is doing, for people and monitors: read at any time while the workflow runs, from any thread.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/supervision/figures.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

enum class node_state : std::uint8_t {
  starting, ///< no worker of it has started yet
  running,
  outage, ///< everything fails: it waits for the world outside, and tries now and then
};

/// "starting", "running", "outage".
constexpr std::string_view to_string(node_state state) noexcept {
  constexpr std::string_view names[] = {"starting", "running", "outage"};
  return names[static_cast<std::size_t>(state)];
}

/// What failed last: an attempt at a record, a worker, a poll.
struct failure_note {
  failure_kind kind = failure_kind::error;
  std::string cause;
  duration ago{0};
};

struct node_health {
  std::string id;
  node_state state = node_state::starting;
  std::string cause;                        ///< of the outage; empty when there is none
  std::optional<failure_note> last_failure; ///< outages over, or not outages, included
  // Shares of the node's life so far; they add to 1.
  double busy = 0;          ///< some worker was running user code
  double idle = 0;          ///< nothing to do, or waiting for a retry
  double backpressured = 0; ///< its output waited for those behind
  double saturation = 0;    ///< busy workers among all, now
  bool stalled = false;     ///< input is waiting, and nothing was decided for 10 s, but for an outage
  std::uint64_t restarts = 0;
  std::uint64_t abandoned = 0; ///< hung threads left behind
};

namespace detail {
node_health health_of(std::string id, const node_figures& figures, const error& cause, time_point now);
}

} // namespace weir
