#pragma once

// A judged review as one line of JSON: the format of every JSON output.

#include <apps/review_stream/review.hpp>

#include <string>

namespace weir::reviews {

/// Appends the object, without a line end: id, product, ts, language, sentiment{label, score, confidence},
/// model, origin, and the input's other fields under `review`.
void append_json(const judged_review& judged, std::string& line);

} // namespace weir::reviews
