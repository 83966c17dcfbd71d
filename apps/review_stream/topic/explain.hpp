#pragma once

// Why the topic model named the topics it named. Thread-safe; the extractor is the caller's.

#include <apps/review_stream/learning/explanation.hpp>
#include <apps/review_stream/topic/topic_model.hpp>

namespace weir::reviews {

/// A verdict for each class, most probable first, the first 20 with their strongest n-grams, at most `most`
/// each. Log odds are those of the class against all others, before the probabilities of all classes are
/// brought to a sum of 1.
explanation explain(const topic_model& model, std::string_view title, std::string_view text,
                    feature_extractor& scratch, std::size_t most = 10);

} // namespace weir::reviews
