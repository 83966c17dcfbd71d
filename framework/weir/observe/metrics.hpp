#pragma once

// A workflow's figures as Prometheus reads them: text format 0.0.4, base units, labels `workflow` and `node`.
// Pure; a few microseconds a node.
//
// Beside the names every Weir program shares: weir_records_delivered_total,
// weir_outage and weir_stalled (1 or 0 a node), weir_ready and weir_up_seconds (a workflow),
// weir_progress_ratio (sources that know how much there is).
//
// Histograms count a value under the first bound at or above the upper end of its bucket, so at most an
// eighth too high, as their sums.

#include <weir/observe/monitor.hpp>

#include <string>
#include <string_view>

namespace weir {

/// The Content-Type to answer /metrics with.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// `version`: of the program, for weir_build_info.
std::string metrics_text(const monitor_view& view, std::string_view version);

} // namespace weir
