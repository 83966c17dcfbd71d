#pragma once

// The memory of a run's observer: takes an observation a second and keeps what people ask for: the figures of
// the last 5 seconds, a history of 15 minutes, what limits the workflow, and warnings.
//
// Thread-safe. One thread takes, any number read: a reader gets a snapshot that never changes, and holds no
// lock while it uses it.

#include <weir/base/clock.hpp>
#include <weir/observe/culprit.hpp>
#include <weir/observe/rates.hpp>
#include <weir/runtime/observation.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir {

/// The whole workflow at one second of its life.
struct history_point {
  std::chrono::system_clock::time_point time{};
  double records_per_s = 0; ///< means of the 5 s before, as all below
  duration latency_p50{0};
  duration latency_p99{0};
  double error_ratio = 0;
  std::uint64_t queue_records = 0;
  std::uint64_t workers_busy = 0;
  std::uint64_t workers = 0;
};

/// All that is known at one moment.
struct monitor_view {
  observation now;
  workflow_rates rates;
  std::vector<limit> limits;         ///< most limiting first
  std::vector<std::string> warnings; ///< in words
};

class monitor {
 public:
  static constexpr std::size_t history_points = 900;
  static constexpr std::chrono::seconds history_step{1};

  /// Once a second. `at`: of the run's clock, not before the last one. A second observation in the same
  /// second of wall time takes the place of the first in the history. An observation of another run (its
  /// start differs) begins anew.
  void take(observation seen, time_point at);

  /// Of the last observation; empty figures before the first. Never null.
  std::shared_ptr<const monitor_view> view() const;
  /// The last 15 minutes, oldest first.
  std::vector<history_point> history() const;

 private:
  mutable std::mutex mutex_;
  std::deque<sample> samples_; ///< those of the window, and one at or before its beginning
  std::deque<history_point> history_;
  std::shared_ptr<const monitor_view> view_ = std::make_shared<const monitor_view>();
};

} // namespace weir
