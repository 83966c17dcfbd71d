#pragma once

// Trains a topic model: for each class a logistic regression against all others, as the sentiment model's
// (naive-Bayes-scaled, L2-normalised presence features, liblinear), Platt calibration of each class on
// held-out folds and one sharpness over all classes, weights in eight bits.
//
// Rows without a label or without a word teach nothing. The result is the same for the same rows and options,
// whatever the number of threads.

#include <apps/review_stream/learning/labelled_rows.hpp>
#include <apps/review_stream/topic/topic_model.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <weir/base/result.hpp>

namespace weir::reviews {

struct topic_training_options {
  double strength = 0.5;  ///< power on the naive-Bayes log ratios: 0 ignores them, 1 is full scaling
  double smoothing = 0.5; ///< added to every count of a feature; raising it flattens rare features' ratios
  double cost = 12;       ///< liblinear's C; raising it fits the rows more closely and takes longer
  unsigned min_count = 2; ///< rows that must hold a feature before it gets a weight
  unsigned folds = 3;     ///< models trained to calibrate the final one; 0 leaves it uncalibrated
  unsigned threads = 2;   ///< fits that run at the same time; each takes as much memory as the rows' features
  float floor = 0.15F;    ///< probability from which on a topic beside the best one is named
  /// Features times classes; when there are more, the rarest features get no weight. A byte each.
  std::size_t max_weights = most_topic_weights;

  /// Called with the finished share, 0 to 1, and what is next; from one thread at a time. May be empty.
  std::function<void(double, std::string_view)> progress;
};

/// What training is worth saying beside the model.
struct trained_topics {
  topic_model model;
  std::size_t rows = 0;                       ///< that taught something
  std::map<std::string, std::size_t> classes; ///< rows of each
  std::size_t features = 0;                   ///< buckets with weights
  double seconds = 0;
};

/// Needs rows of 2 to 1,000 classes whose names are plain text of at most 100 characters.
result<trained_topics> train_topics(std::span<const labelled_text> rows,
                                    const topic_training_options& options);

} // namespace weir::reviews
