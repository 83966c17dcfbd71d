#pragma once

// The workflow of review-stream: rows in; reviews cleaned, judged, routed and answered; results stored.

#include <actors/sqlite/sqlite_table.hpp>
#include <apps/review_stream/knowledge/knowledge.hpp>
#include <apps/review_stream/options.hpp>
#include <apps/review_stream/sentiment/analyze_sentiment.hpp>
#include <apps/review_stream/summary/product_summary.hpp>
#include <weir/base/result.hpp>
#include <weir/workflow/workflow.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::reviews {

/// The products of a run, once it has ended. Written by the node `report`, read when nothing runs any more.
using report = std::vector<product_summary>;

struct review_workflow {
  weir::workflow flow;
  std::vector<output_uri> outputs;
  std::vector<std::string> stores = {}; ///< ids of the sinks of results, one an output
  std::vector<std::shared_ptr<actors::sqlite_counters>> counters = {}; ///< one an SQLite output
  std::shared_ptr<std::atomic<std::uint64_t>> repeats = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<report> products = std::make_shared<report>();
  std::shared_ptr<reviews::knowledge> knowledge = {}; ///< reload() it while the workflow runs
  std::shared_ptr<findings_cache> findings = {};      ///< null when nothing is cached
};

/// Checks inputs, files of knowledge and outputs, and writes the workflow. Errors name the flag and the fix.
result<review_workflow> make_review_workflow(const run_options& options);

/// The same for a worker host, which runs only what can be spread: it has no input and keeps no results. Of
/// the options only those of knowledge and the cache matter.
result<review_workflow> make_hosted_workflow(const run_options& options);

} // namespace weir::reviews
