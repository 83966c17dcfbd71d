#pragma once

// How good a sentiment model is.
//
// Accuracy, macro F1 and calibration error are binary: over the rows labelled positive or negative, the class
// named is the sign of the score (a `neutral` label still has a sign). A row judged `unknown` counts as wrong
// in accuracy and as missed in F1; calibration error is over the rows that were judged. `accuracy_judged`
// leaves unknown rows out. Neutral rows count only in `accuracy_3`, `macro_f1_3`, the figures by label
// and the confusion matrix; unlabelled rows only in the time. Mistakes are rows whose side was named wrongly.

#include <apps/review_stream/learning/evaluation.hpp>
#include <apps/review_stream/sentiment/train.hpp>
#include <cstddef>
#include <span>

namespace weir::reviews {

/// A row's label and what the model made of it.
struct judged_row {
  sentiment_label label = sentiment_label::unknown;
  judgement judged;
};

/// The figures of some rows.
quality measure(std::span<const judged_row> rows);

/// Judges every row with the model; keeps at most `most_mistakes` of the most confident mistakes.
evaluation evaluate(const sentiment_model& model, std::span<const labelled_review> rows,
                    std::size_t most_mistakes = 20);

/// Trains on all folds but one and judges that one, for each; equal texts share a fold, calibration sees only
/// the training folds. Then trains once on everything, for the time, the file size and the speed.
result<evaluation> cross_validate(std::span<const labelled_review> rows,
                                  std::span<const labelled_review> lexicon, unsigned folds,
                                  const training_options& options, std::size_t most_mistakes = 20);

} // namespace weir::reviews
