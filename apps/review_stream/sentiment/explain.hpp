#pragma once

// Why the sentiment model judged a review as it did. Thread-safe; the extractor is the caller's.

#include <apps/review_stream/learning/explanation.hpp>
#include <apps/review_stream/sentiment/model.hpp>

namespace weir::reviews {

/// One verdict, "positive": its log odds are the sum of `base` and all evidence.
explanation explain(const sentiment_model& model, std::string_view title, std::string_view text,
                    feature_extractor& scratch);

} // namespace weir::reviews
