#pragma once

// What a workflow did in the last seconds: the difference of two observations, in figures a second, shares
// and quantiles. Pure: the same observations give the same figures.

#include <weir/base/clock.hpp>
#include <weir/runtime/observation.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir {

/// An observation and when it was made.
struct sample {
  std::shared_ptr<const observation> seen;
  time_point at{};
};

struct quantiles {
  duration p50{0};
  duration p95{0};
  duration p99{0};
};

struct progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;     ///< above 0
  std::optional<double> eta_s; ///< until everything is read, at the pace of the last seconds; empty: unknown
};

struct node_rates {
  std::string id;
  double received_per_s = 0;
  double sent_per_s = 0;
  double delivered_per_s = 0;
  double errors_per_s = 0; ///< failed attempts
  double error_ratio = 0;  ///< failed attempts among all; 0 to 1
  // Shares of the time; they add to 1, or are all 0 where no time went by.
  double busy = 0;
  double idle = 0;
  double backpressured = 0;
  double saturation = 0; ///< busy workers among all, mean of the samples; sources: as busy
  quantiles task;        ///< of all time where no task ended in the window
  quantiles latency;     ///< sinks: source to delivery; of all time where nothing was delivered in the window
  std::optional<progress> reading; ///< sources that know how much there is
};

struct workflow_rates {
  duration window{0};       ///< what the figures a second are a mean of
  double records_per_s = 0; ///< made by all sources
  double error_ratio = 0;   ///< failed attempts among all of all steps and sinks
  quantiles latency;        ///< of all sinks
  std::uint64_t queue_records = 0;
  std::uint64_t queue_bytes = 0;
  std::uint64_t workers_busy = 0;
  std::uint64_t workers = 0;
  std::uint64_t workers_max = 0;
  std::optional<progress> reading; ///< of all sources that know; empty: none does
  std::vector<node_rates> nodes;   ///< as observation::nodes
  std::vector<double> edges;       ///< records a second, as observation::edges
};

/// How long the figures of a running workflow look back.
inline constexpr duration rate_window = std::chrono::seconds{5};

/// The figures between the first sample and the last, oldest first; since the start of the run where there is
/// but one, or where the run is younger than rate_window. A node that the first does not name counts from 0.
workflow_rates rates_of(std::span<const sample> samples);

} // namespace weir
