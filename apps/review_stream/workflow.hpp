#pragma once

// The workflow of review-stream: lines in, parsed, judged, stored.

#include <actors/sqlite/sqlite_table.hpp>
#include <apps/review_stream/options.hpp>
#include <weir/base/result.hpp>
#include <weir/workflow/workflow.hpp>

#include <memory>
#include <vector>

namespace weir::reviews {

struct review_workflow {
  weir::workflow flow;
  std::vector<output_uri> outputs;
  std::vector<std::shared_ptr<actors::sqlite_counters>> stores; ///< one an SQLite output
};

/// Checks inputs, model and outputs, and writes the workflow. Errors name the flag and the fix.
result<review_workflow> make_review_workflow(const run_options& options);

} // namespace weir::reviews
