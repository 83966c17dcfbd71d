#pragma once

// What the admin API says of a workflow, as values: the answers of GET /api/v1/workflow and /api/v1/events.
// What is missing, null or of another type there is nothing here: an older or newer server is shown as far as
// it is understood. Texts are as they came; only `printable` (text.hpp) makes them fit for a terminal.

#include <weir/base/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::top {

/// A figure, or nothing where the server knows none.
using figure = std::optional<double>;

struct progress_view {
  double done = 0;
  double total = 0;
  figure eta_s;
};

struct worker_view {
  std::uint64_t index = 0;
  std::string state; ///< "starting", "idle", "busy"
  figure task_age_s;
  figure restarts;
};

struct failure_view {
  std::string kind; ///< "error", "timeout", "crash", …
  std::string cause;
  figure ago_s;
};

struct node_view {
  std::string id;
  std::string role;  ///< "source", "step", "sink"
  std::string state; ///< "starting", "running", "outage"
  std::string cause; ///< of an outage
  std::optional<failure_view> last_failure;
  bool stalled = false;
  figure received_per_s, sent_per_s, errors_per_s;
  figure received, sent, delivered, filtered, errors, retries, timeouts, restarts, dead_letters;
  figure queue_records, queue_bytes;
  figure busy, idle, backpressured; ///< shares of the last seconds, 0 to 1
  figure task_p50_ms, task_p99_ms;
  figure latency_p50_ms, latency_p99_ms; ///< of sinks: source to delivery
  figure workers_min, workers_max, workers_now, workers_busy, workers_hung;
  std::vector<worker_view> workers;
  std::optional<progress_view> progress;
};

struct culprit_view {
  std::string node;
  std::string reason;
};

struct workflow_view {
  std::string workflow;
  std::string state; ///< "running", "paused", "draining", or how it ended
  std::string version;
  bool ready = false;
  figure up_s;
  figure records_per_s, error_ratio, latency_p50_ms, latency_p99_ms;
  figure queue_records, queue_bytes;
  figure workers_busy, workers;
  figure memory_used, memory_limit;
  std::optional<progress_view> progress;
  std::vector<std::string> warnings;
  std::optional<culprit_view> culprit; ///< what limits, if anything does
  std::vector<node_view> nodes;        ///< in the order of the workflow
};

struct event_view {
  std::uint64_t number = 0;
  std::string time; ///< ISO 8601
  std::string kind;
  std::string node;
  std::optional<std::uint64_t> worker;
  std::string cause;
};

/// The answer of /api/v1/workflow. An error where it is no JSON object with nodes.
result<workflow_view> parse_workflow(std::string_view json);
/// The answer of /api/v1/events, oldest first. An error where it is no JSON object with events.
result<std::vector<event_view>> parse_events(std::string_view json);
/// The text in {"error": "…"}; empty where there is none.
std::string parse_error_text(std::string_view json);

} // namespace weir::top
