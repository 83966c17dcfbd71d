#pragma once

// A judged review as one line of JSON: the format of every JSON output.

#include <apps/review_stream/review.hpp>

#include <string>
#include <vector>

namespace weir::reviews {

/// Appends the object, without a line end: id, product, ts, language, sentiment{label, score, confidence},
/// topics[{name, confidence}], urgency{level, reasons}, route, route_reason, response{template, text,
/// auto_send, reasons}, model, origin, and the input's other fields under `review`.
void append_json(const judged_review& judged, std::string& line);

/// Appends the topics alone: `[{"name":"delivery","confidence":0.8}]`.
void append_list(std::string& to, const std::vector<topic>& topics);

} // namespace weir::reviews
