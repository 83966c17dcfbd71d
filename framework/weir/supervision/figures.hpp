#pragma once

// What is counted of a node. Written by the node's own actor (relaxed, per task or batch), read by anyone at
// any time. At the end of a run: received = sent or delivered + filtered + aggregated + dead letters +
// undelivered, for nodes that make one record of one.

#include <weir/base/histogram.hpp>

#include <atomic>
#include <cstdint>

namespace weir {

struct node_figures {
  using counter = std::atomic<std::uint64_t>;
  counter received{0};   ///< records taken in (a source: made by it)
  counter sent{0};       ///< records handed on, counted once a port
  counter delivered{0};  ///< sinks: records written
  counter filtered{0};   ///< records a step dropped on purpose
  counter aggregated{0}; ///< records that went into state
  counter tasks{0};
  counter errors{0};   ///< failed attempts of a record
  counter retries{0};  ///< attempts after the first
  counter timeouts{0}; ///< attempts that ran out of time
  counter restarts{0}; ///< workers replaced
  counter dead_letters{0};
  counter queued{0};         ///< records waiting in the node now
  counter workers{0};        ///< workers now
  counter busy_workers{0};   ///< of these, with a task
  counter undelivered{0};    ///< records still in hand when the node was stopped
  counter progress_done{0};  ///< sources that know: how far
  counter progress_total{0}; ///< of how much
  histogram task_duration;
  histogram record_latency; ///< sinks: source to delivery

  static void add(counter& c, std::uint64_t n) noexcept {
    if (n != 0)
      c.fetch_add(n, std::memory_order_relaxed);
  }
};

} // namespace weir
