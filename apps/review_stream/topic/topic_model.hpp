#pragma once

// The topic model: what a review is about, learned from labels of any number. A linear model for each class:
//
//   margin(c) = scale(c) * sum of the weights for c / sqrt(how many of them are not 0) + bias(c)
//   odds(c)   = 1 / (1 + exp(-(slope(c) * margin(c) + offset(c))))
//   P(c)      = odds(c)^sharpness / the sum of that over all classes
//
// Slope, offset and sharpness are calibrated on rows held out of training. The features are those of the
// sentiment model (text/features.hpp). A text of which no word is known has no topic.
//
// Thread-safety: a model is immutable and shared by any number of threads; each brings its own extractor.

#include <apps/review_stream/review.hpp>
#include <apps/review_stream/text/features.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

/// Everything about one class but its weights.
struct topic_class {
  std::string name;
  float scale = 1; ///< of one step of a weight
  float bias = 0;
  float slope = 1; ///< calibration: log odds = slope * margin + offset
  float offset = 0;
  friend bool operator==(const topic_class&, const topic_class&) = default;
};

/// What all classes share.
struct topic_parameters {
  /// Probability from which on a topic beside the best one is named; raising it names fewer.
  float floor = 0.15F;
  float sharpness = 1; ///< calibration: above 1 the best topic takes more of the probability
  friend bool operator==(const topic_parameters&, const topic_parameters&) = default;
};

/// The weights of the known buckets, one row a bucket with a weight for each class; 0 means "says nothing".
struct topic_weights {
  std::vector<std::uint32_t> buckets; ///< ascending
  std::vector<std::int8_t> steps;     ///< buckets.size() rows of as many steps as there are classes
  friend bool operator==(const topic_weights&, const topic_weights&) = default;
};

/// An n-gram of a review and what it adds to the log odds of a topic.
struct topic_contribution {
  std::string ngram;
  float log_odds = 0;
};

class topic_model {
 public:
  static constexpr std::size_t min_classes = 2;
  static constexpr std::size_t max_classes = 1000;

  /// `description` is a JSON object for people.
  topic_model(std::vector<topic_class> classes, topic_weights weights, topic_parameters parameters,
              std::string description);

  /// The topics of a review, most probable first: those over the floor, the best one in any case; none when
  /// the model knows no word of it.
  std::vector<topic> topics_of(std::string_view title, std::string_view text,
                               feature_extractor& scratch) const;

  /// P of every class, in the order of classes(); empty when no word is known.
  std::vector<double> probabilities(const feature_set& features) const;

  /// The margin of every class; empty when no word is known.
  std::vector<double> margins(const feature_set& features) const;

  /// The n-grams of a review that speak for (or against) a class, strongest first, at most `most`.
  std::vector<topic_contribution> evidence(std::size_t class_index, std::string_view title,
                                           std::string_view text, feature_extractor& scratch,
                                           std::size_t most = 10) const;

  bool knows(std::uint32_t bucket) const noexcept { return row_of_[bucket] != no_row; }

  const std::vector<topic_class>& classes() const noexcept { return classes_; }
  const topic_weights& weights() const noexcept { return weights_; }
  const topic_parameters& parameters() const noexcept { return parameters_; }
  const std::string& description() const noexcept { return description_; }
  /// "topics-" and eight hex digits of the content's hash.
  const std::string& id() const noexcept { return id_; }

 private:
  static constexpr std::uint32_t no_row = ~0U;

  std::vector<topic_class> classes_;
  topic_weights weights_;
  std::vector<std::uint32_t> row_of_; // of each bucket: 4 MiB, so that a feature costs one look
  topic_parameters parameters_;
  std::string description_;
  std::string id_;
};

} // namespace weir::reviews
