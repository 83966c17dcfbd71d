#pragma once

// What a workflow looks like while it runs: nodes, edges, workers and events, at one moment. From
// `running::observe()`, on any thread, as often as one likes: it reads counters that the nodes write a batch
// or a task, and takes no lock that they wait for. Figures of one node may be a task apart from each other.

#include <weir/base/clock.hpp>
#include <weir/base/histogram.hpp>
#include <weir/resource/figures.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/supervision/figures.hpp>
#include <weir/supervision/health.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class worker_state : std::uint8_t { starting, idle, busy };
/// "starting", "idle", "busy".
constexpr std::string_view to_string(worker_state state) noexcept {
  constexpr std::string_view names[] = {"starting", "idle", "busy"};
  return names[static_cast<std::size_t>(state)];
}

struct worker_observation {
  std::uint32_t index = 0;
  worker_state state = worker_state::starting;
  duration task_age{0}; ///< busy: since when, as of now
  std::uint64_t restarts = 0;
};

struct node_observation {
  node_result figures; ///< counters since the start; `id` is the node's
  node_health health;
  std::array<std::uint64_t, restart_reasons> restarts_by{};
  std::array<std::uint64_t, failure_kinds> dead_letters_by{};
  std::array<std::uint64_t, failure_kinds> errors_by{};
  std::uint64_t queue_bytes = 0;
  // Nanoseconds of the node's life so far, which they add up to.
  std::uint64_t busy_time = 0;
  std::uint64_t idle_time = 0;
  std::uint64_t backpressured_time = 0;
  std::uint32_t workers_min = 0; ///< 0 for sources, which have none
  std::uint32_t workers_max = 0;
  std::vector<worker_observation> workers; ///< those there are now; sources have none
  distribution task_duration;
  distribution record_latency; ///< of sinks: source to delivery
};

struct edge_observation {
  std::string from;
  std::string port; ///< of `from`; empty where it has but one
  std::string to;
  std::uint64_t records = 0;   ///< sent so far
  std::uint32_t in_flight = 0; ///< batches
  std::uint32_t window = 0;    ///< batches that may be
  bool keyed = false;
};

/// What cannot go on before something from outside comes: a host of a cluster.
struct waiting_for {
  std::string node; ///< empty: the whole run
  std::string what; ///< "it waits for a host with the label gpu=yes"
  friend bool operator==(const waiting_for&, const waiting_for&) = default;
};

struct observation {
  std::string workflow;
  /// "running", "draining", "paused", or how it ended: "completed", "failed", …
  std::string state;
  std::chrono::system_clock::time_point started{};
  duration up{0};
  bool ready = false;
  std::vector<waiting_for> waits;      ///< then it is not ready
  std::vector<node_observation> nodes; ///< in the order in which the workflow names them
  std::vector<edge_observation> edges;
  std::vector<named_resource_figures> resources; ///< those that show figures
  std::uint64_t memory_used = 0;                 ///< bytes of the budget
  std::uint64_t memory_limit = 0;
};

} // namespace weir
