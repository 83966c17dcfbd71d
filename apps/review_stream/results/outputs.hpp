#pragma once

// The sinks for results that are no database, and the check of any output before a run.

#include <actors/csv/csv_sink.hpp>
#include <actors/jsonl/json_lines_sink.hpp>
#include <apps/review_stream/options.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <string>

namespace weir::reviews {

/// A line a result, see result_json.hpp; "-" is standard output.
actors::json_lines_sink<judged_review> json_lines_output(const std::string& path);

/// A row a result under a header: the columns of the table `reviews`; topics and reasons are separated by
/// "; ". Texts that a spreadsheet would run as formulas begin with an apostrophe.
actors::csv_sink<judged_review> csv_output(const std::string& path);

/// Opens what can be opened, so that a wrong path shows before anything has been read.
result<> check_output(const output_uri& out);

} // namespace weir::reviews
