#pragma once

// The sinks for results that are no database, and the check of any output before a run.

#include <actors/jsonl/json_lines_sink.hpp>
#include <apps/review_stream/options.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <string>

namespace weir::reviews {

/// A line a result, see result_json.hpp; "-" is standard output.
actors::json_lines_sink<judged_review> json_lines_output(const std::string& path);

/// Opens what can be opened, so that a wrong path shows before anything has been read.
result<> check_output(const output_uri& out);

} // namespace weir::reviews
