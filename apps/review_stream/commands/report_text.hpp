#pragma once

// What the reviews of a run say, as a shop owner would ask for it.

#include <apps/review_stream/workflow.hpp>

#include <string>

namespace weir::reviews {

/// Moods, products with their share of negatives and topics, topics, what is urgent, who should look, and
/// examples of responses; empty when there were no reviews. Rows are bounded: the ten products and topics
/// with the most reviews.
std::string report_text(const report& products);

/// `text` cut ("…") or filled with blanks to `columns` of a terminal. Chinese characters take two.
std::string in_columns(std::string_view text, std::size_t columns);

} // namespace weir::reviews
