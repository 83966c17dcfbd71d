#pragma once

// How good a model is.
//
// Accuracy, macro F1 and calibration error are binary: over the rows labelled positive or negative, the class
// named is the sign of the score (a `neutral` label still has a sign). A row judged `unknown` counts as wrong
// in accuracy and as missed in F1; calibration error is over the rows that were judged. `accuracy_judged`
// leaves unknown rows out. Neutral rows count only in `accuracy_3` and `macro_f1_3`, which compare labels;
// unlabelled rows only in the time.

#include <apps/review_stream/sentiment/train.hpp>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace weir::reviews {

/// A row's label and what the model made of it.
struct judged_row {
  sentiment_label label = sentiment_label::unknown;
  judgement judged;
};

struct quality {
  std::size_t rows = 0;       ///< labelled positive or negative
  double accuracy = 0;        ///< unknown counts as wrong
  double accuracy_judged = 0; ///< of the rows that were not unknown
  double macro_f1 = 0;
  double calibration_error = 0; ///< expected calibration error, 15 bins
  double unknown_share = 0;
};

struct evaluation {
  quality all;
  std::map<std::string, quality> by_source;
  std::map<std::string, quality> by_language;
  std::size_t rows = 0;   ///< read, labelled or not
  std::size_t rows_3 = 0; ///< labelled positive, negative or neutral
  double accuracy_3 = 0;
  double macro_f1_3 = 0;
  /// A review, tokens to judgement: processor time of one thread, mean over all rows, the fastest of three
  /// passes.
  double microseconds = 0;
  std::size_t model_bytes = 0;
  double training_seconds = 0; ///< cross-validation only: one training on all rows
  unsigned folds = 0;          ///< 0: a given model was evaluated
  std::string model;           ///< its id
};

/// The figures of some rows.
quality measure(std::span<const judged_row> rows);

/// Judges every row with the model.
evaluation evaluate(const sentiment_model& model, std::span<const labelled_review> rows);

/// Trains on all folds but one and judges that one, for each; equal texts share a fold, calibration sees only
/// the training folds. Then trains once on everything, for the time, the file size and the speed.
result<evaluation> cross_validate(std::span<const labelled_review> rows,
                                  std::span<const labelled_review> lexicon, unsigned folds,
                                  const training_options& options);

/// A table for people, ending in a line end.
std::string to_text(const evaluation& figures);
/// One JSON object on one line, without a line end.
std::string to_json(const evaluation& figures);

} // namespace weir::reviews
