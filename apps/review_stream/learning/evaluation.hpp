#pragma once

// How good a model is, whatever its task: figures of all rows, by source, language and label, where labels
// are mixed up, whether confidences can be believed, and the mistakes it was most sure of.
//
// What counts as a row and a guess is the task's affair: sentiment/evaluate.hpp, topic/evaluate.hpp.

#include <apps/review_stream/learning/calibration.hpp>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

/// A row's label and what the model made of it. The views are into the row, which lives longer.
struct outcome {
  std::string label;
  std::string guess; ///< empty: the model knows nothing of the text
  double confidence = 0;
  std::string_view id, source, language, title, text;
};

/// A row without a guess counts as wrong in accuracy and as missed in F1; calibration error is over the rows
/// with one, and so is `accuracy_judged`.
struct quality {
  std::size_t rows = 0;         ///< with a label that the task measures
  double accuracy = 0;          ///< no guess counts as wrong
  double accuracy_judged = 0;   ///< of the rows with a guess
  double macro_f1 = 0;          ///< mean F1 of the labels that some row has
  double calibration_error = 0; ///< expected calibration error, 15 bins
  double unknown_share = 0;
};

struct label_quality {
  std::size_t rows = 0;
  double precision = 0; ///< of the guesses of this label, the share that was right
  double recall = 0;    ///< of the rows with this label, the share that was found
  double f1 = 0;
};

/// A wrong guess, for people to look at.
struct mistake {
  std::string id, source, label, guess;
  double confidence = 0;
  std::string text; ///< title and text, harmless on a terminal, about a hundred characters
};

struct evaluation {
  static constexpr std::string_view no_guess = "(none)"; ///< the column of rows without a guess

  std::string task; ///< "sentiment" or "topic"
  quality all;
  std::map<std::string, quality> by_source;
  std::map<std::string, quality> by_language;
  std::map<std::string, label_quality> by_label;
  std::map<std::string, std::map<std::string, std::size_t>> confusion; ///< rows by label, then by guess
  std::vector<calibration_bin> calibration;                            ///< ten bins of equal width
  std::vector<mistake> mistakes;                                       ///< the most confident first
  std::size_t rows = 0;                                                ///< read, labelled or not
  std::size_t unlabelled = 0; ///< skipped: only their time is measured
  std::size_t rows_3 = 0;     ///< sentiment: labelled positive, negative or neutral; topic: labelled
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
quality measure(std::span<const outcome> rows);

/// Fills in what follows from guesses: `judged` gives the qualities, the calibration table and at most
/// `most_mistakes` mistakes; `labelled` the confusion matrix and the figures by label and with neutral rows.
evaluation summarise(std::span<const outcome> judged, std::span<const outcome> labelled,
                     std::size_t most_mistakes);

/// Tables for people, ending in a line end.
std::string to_text(const evaluation& figures);
/// One JSON object on one line, without a line end.
std::string to_json(const evaluation& figures);

} // namespace weir::reviews
