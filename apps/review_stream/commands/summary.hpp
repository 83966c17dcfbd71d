#pragma once

// The end of a run in words or as JSON.

#include <apps/review_stream/options.hpp>
#include <apps/review_stream/workflow.hpp>
#include <weir/observe/rates.hpp>
#include <weir/runtime/run_result.hpp>

#include <string>

namespace weir::reviews {

/// `whole`: rate and latency of the whole run, by the same rules as those of the dashboard.
/// One JSON object on one line: records_in, records_out, duplicates, filtered, dead_letters, retries,
/// timeouts, restarts, duration_s, throughput_per_s, latency_ms{p50, p95, p99}, status, undelivered, exit.
std::string summary_json(const run_result& result, const workflow_rates& whole, const review_workflow& work,
                         int exit);

/// For people: how many, of what mood, and where the results are.
std::string summary_text(const run_result& result, const workflow_rates& whole, const review_workflow& work,
                         const run_options& options);

} // namespace weir::reviews
