#pragma once

// Why a workflow is no faster, in words: its nodes ranked by how much they hold it back, and what would help.
// Pure: from an observation and the figures of the last seconds.

#include <weir/observe/rates.hpp>
#include <weir/runtime/observation.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace weir {

struct limit {
  std::string node;
  double score = 0;   ///< 0 to 1: 1 is an outage, a stall, or a node that never rests
  std::string reason; ///< "analyze: 98 % busy, 10 of 10 workers; add workers or raise max"
};

/// Most limiting first: nodes in outage or stalled, then those that fail much, then those that are busy
/// while records wait before them; where there are none, the sources. Empty while a workflow is paused, and
/// after its end. `rates` must be of `now`.
std::vector<limit> limits_of(const observation& now, const workflow_rates& rates);

/// How long the whole of the known input takes at the pace of the last seconds; 0 where that is not known:
/// input without end, the first second, a run that does not run.
duration expected_time(const observation& now, const workflow_rates& rates);
/// What takes longer is told, and once more beyond the second.
inline constexpr duration long_time = std::chrono::seconds{30};
inline constexpr duration very_long_time = std::chrono::minutes{5};

/// What people should know before they wait: known input that takes more than 30 s or 5 min at this pace, and
/// a memory budget that is nearly used up. Each says what would help.
std::vector<std::string> warnings_of(const observation& now, const workflow_rates& rates,
                                     const std::vector<limit>& limits);

} // namespace weir
