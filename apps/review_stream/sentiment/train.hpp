#pragma once

// Trains a sentiment model: naive-Bayes-scaled, L2-normalised presence features, logistic regression by
// liblinear (Wang and Manning 2012), Platt calibration on held-out folds, weights in eight bits.
//
// Only positive and negative rows teach; neutral and unlabelled rows are left out. Word lists teach as rows
// of one term each. The result is the same for the same rows and options, whatever the number of threads.

#include <apps/review_stream/learning/folds.hpp>
#include <apps/review_stream/sentiment/labelled_rows.hpp>
#include <apps/review_stream/sentiment/model.hpp>
#include <functional>
#include <span>
#include <string_view>
#include <vector>
#include <weir/base/result.hpp>

namespace weir::reviews {

struct training_options {
  double strength = 0.5;  ///< power on the naive-Bayes log ratios: 0 ignores them, 1 is full scaling
  double smoothing = 0.5; ///< added to every count of a feature; raising it flattens rare features' ratios
  double cost = 12;       ///< liblinear's C; raising it fits the rows more closely and takes longer
  unsigned min_count =
      2;               ///< rows that must hold a feature before it gets a weight; word lists' terms always do
  bool balance = true; ///< both classes count the same, as if the rows were half positive, half negative
  unsigned folds = 3;  ///< models trained to calibrate the final one; 0 leaves it uncalibrated
  unsigned threads = 2; ///< fits that run at the same time
  float neutral_band = sentiment_parameters{}.neutral_band;
  float min_coverage = sentiment_parameters{}.min_coverage;
  float sparse_score = sentiment_parameters{}.sparse_score;

  /// Called with the finished share, 0 to 1, and what is next; from one thread at a time. May be empty.
  std::function<void(double, std::string_view)> progress;
};

/// What training is worth saying beside the model.
struct trained {
  sentiment_model model;
  std::size_t positives = 0;
  std::size_t negatives = 0;
  std::size_t lexicon_terms = 0;
  std::size_t features = 0; ///< buckets with a weight
  double seconds = 0;
};

/// Needs at least one positive and one negative row.
result<trained> train_sentiment(std::span<const labelled_review> rows,
                                std::span<const labelled_review> lexicon, const training_options& options);

} // namespace weir::reviews
