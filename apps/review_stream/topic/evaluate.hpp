#pragma once

// How good a topic model is: over the labelled rows, the guess is the most probable topic and the confidence
// its probability. Unlabelled rows count only in the time.

#include <apps/review_stream/learning/evaluation.hpp>
#include <apps/review_stream/topic/train.hpp>
#include <cstddef>
#include <span>

namespace weir::reviews {

/// Judges every row with the model; keeps at most `most_mistakes` of the most confident mistakes.
evaluation evaluate(const topic_model& model, std::span<const labelled_text> rows,
                    std::size_t most_mistakes = 20);

/// Trains on all folds but one and judges that one, for each; equal texts share a fold, calibration sees only
/// the training folds. Then trains once on everything, for the time, the file size and the speed.
result<evaluation> cross_validate_topics(std::span<const labelled_text> rows, unsigned folds,
                                         const topic_training_options& options,
                                         std::size_t most_mistakes = 20);

} // namespace weir::reviews
