#pragma once

// What is counted of a node. Written by the node's own actor (relaxed, per task or batch), read by anyone at
// any time. At the end of a run: received = sent or delivered + filtered + aggregated + dead letters +
// undelivered, for nodes that make one record of one.

#include <weir/base/histogram.hpp>
#include <weir/node/crash.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weir {

/// Why a worker, or its node object, was replaced.
enum class restart_reason : std::uint8_t {
  timeout,    ///< it hung and was abandoned
  crash,      ///< it died
  start,      ///< it did not start
  thrown,     ///< it threw and asks to be rebuilt (after_throw::rebuild)
  escalation, ///< with all others of its node, after too many restarts
};
inline constexpr std::size_t restart_reasons = 5;

/// "timeout", "crash", "start", "thrown", "escalation".
constexpr std::string_view to_string(restart_reason r) noexcept {
  constexpr std::string_view names[] = {"timeout", "crash", "start", "thrown", "escalation"};
  return names[static_cast<std::size_t>(r)];
}

/// What is known of a worker from outside.
struct worker_figures {
  static constexpr std::int64_t starting = -1;
  static constexpr std::int64_t idle = -2;
  std::atomic<std::int64_t> busy_since{starting}; ///< nanoseconds of the run's clock, or one of the above
  std::atomic<std::uint64_t> restarts{0};
};

struct node_figures {
  using counter = std::atomic<std::uint64_t>;
  /// `workers`: at most.
  explicit node_figures(std::size_t workers = 0) : by_worker(workers) {}

  counter received{0};   ///< records taken in (a source: made by it)
  counter sent{0};       ///< records handed on, counted once a port
  counter delivered{0};  ///< sinks: records written
  counter filtered{0};   ///< records a step dropped on purpose
  counter aggregated{0}; ///< records that went into state
  counter tasks{0};
  counter errors{0}; ///< failed attempts of a record; by kind in `errors_by`
  std::array<counter, failure_kinds> errors_by{};
  counter retries{0};  ///< attempts after the first
  counter timeouts{0}; ///< attempts that ran out of time
  counter restarts{0}; ///< workers and node objects replaced; by reason in `restarts_by`
  std::array<counter, restart_reasons> restarts_by{};
  counter abandoned{0};    ///< hung threads left behind
  counter started{0};      ///< 1 once its first worker, or the source, has started
  counter outage{0};       ///< 1 while the node waits for the world outside
  counter outages{0};      ///< how often that began
  counter dead_letters{0}; ///< records given up; by kind in `dead_letters_by`
  std::array<counter, failure_kinds> dead_letters_by{};
  counter replayed{0};       ///< of these, taken in again: dead letters are the others
  counter queued{0};         ///< records waiting in the node now
  counter queued_bytes{0};   ///< about as many bytes: records of the last batch's mean size
  counter workers{0};        ///< workers now
  counter busy_workers{0};   ///< of these, with a task
  counter undelivered{0};    ///< records still in hand when the node was stopped
  counter progress_done{0};  ///< sources that know: how far
  counter progress_total{0}; ///< of how much
  // Nanoseconds of the node's life, which they add up to.
  counter busy_time{0};          ///< running user code, or some worker of it
  counter idle_time{0};          ///< nothing to do, or waiting for a retry
  counter backpressured_time{0}; ///< output waits for demand
  counter last_progress{0};      ///< when something was last decided: nanoseconds of the run's clock
  histogram task_duration;
  histogram record_latency; ///< sinks: source to delivery
  std::vector<worker_figures> by_worker;

  void failed(failure_kind kind, std::uint64_t attempts) noexcept {
    add(errors, attempts);
    add(errors_by[static_cast<std::size_t>(kind)], attempts);
    if (kind == failure_kind::timeout)
      add(timeouts, attempts);
  }
  void buried(failure_kind kind, std::uint64_t records) noexcept {
    add(dead_letters, records);
    add(dead_letters_by[static_cast<std::size_t>(kind)], records);
  }

  static void add(counter& c, std::uint64_t n) noexcept {
    if (n != 0)
      c.fetch_add(n, std::memory_order_relaxed);
  }
};

} // namespace weir
