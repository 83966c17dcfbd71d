#pragma once

// How a run ended, and what it did.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/node/dead_letter.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class run_status : std::uint8_t {
  completed,         ///< every source ended and every record reached its end
  drained,           ///< asked to end early, and everything in flight was delivered first
  drained_uncleanly, ///< ended with records in hand: see run_result::undelivered
  stopped,           ///< stopped at once
  failed,            ///< a node could not start, or failed beyond mending
  invalid,           ///< the workflow has mistakes: see run_result::errors
};

/// "completed", "drained", …
std::string_view to_string(run_status status) noexcept;

/// The figures of a node; see weir/supervision/figures.hpp for what each counts.
struct node_result {
  std::string id;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t aggregated = 0;
  std::uint64_t tasks = 0;
  std::uint64_t errors = 0;
  std::uint64_t retries = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t restarts = 0;
  std::uint64_t abandoned = 0;
  std::uint64_t outages = 0;
  std::uint64_t dead_letters = 0; ///< those that still are: without the replayed
  std::uint64_t replayed = 0;     ///< records given up and taken in again
  std::uint64_t queued = 0;
  std::uint64_t workers = 0;
  std::uint64_t busy_workers = 0;
  std::uint64_t progress_done = 0;
  std::uint64_t progress_total = 0;
  duration task_p50{0};
  duration task_p99{0};
  bool is_source = false;
  bool is_sink = false;
};

struct undelivered_records {
  std::string node; ///< the node that would have taken them next
  std::uint64_t records = 0;
};

struct run_result {
  run_status status = run_status::completed;
  std::vector<node_result> nodes;
  /// Failures beyond single records.
  std::vector<error> errors;
  /// All dead letters were counted; the last ones (10,000 at most) are here.
  std::uint64_t dead_letters = 0;
  std::vector<dead_letter> last_dead_letters;
  std::vector<undelivered_records> undelivered;
  duration took{0};
  /// Source to sink; zero with metrics off.
  duration latency_p50{0};
  duration latency_p95{0};
  duration latency_p99{0};

  /// Completed or drained: nothing was left behind.
  bool ok() const noexcept { return status == run_status::completed || status == run_status::drained; }
  /// 0 done, 1 failed, 2 invalid, 3 drained uncleanly.
  int exit_code() const noexcept;
  /// The node's figures by id; throws std::out_of_range.
  const node_result& node(std::string_view id) const;
};

} // namespace weir
