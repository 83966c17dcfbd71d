#pragma once

// The sentiment model: a weight for each feature bucket, one dot product a review.
//
//   margin     = scale * sum of the known features' weights / sqrt(number of known features) + bias
//   P(positive)= 1 / (1 + exp(-(slope * margin + offset)))          calibrated on rows held out of training
//   score      = 2 P(positive) - 1                                  -1 .. 1
//   confidence = max(P, 1 - P): the probability that the sign of the score is right; 0 when unknown
//
// The label is `neutral` while |score| < neutral_band, else the score's sign; `unknown` when no feature is
// known.
//
// A text is sparse when the share of known words is below min_coverage: most likely it is in a language that
// the model did not train on, where words that happen to be spelled like known ones ("die", "no") mislead. It
// is judged by the features of the word lists alone, in the same way but with weights of their own, and is
// `unknown` when |score| is below sparse_score: in such a language a text must say something clear.
//
// Thread-safety: a model is immutable and shared by any number of threads; each brings its own extractor.

#include <apps/review_stream/sentiment/label.hpp>
#include <apps/review_stream/text/features.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

/// A judgement of one review.
struct judgement {
  sentiment_label label = sentiment_label::unknown;
  float score = 0;      ///< -1 (surely negative) .. 1 (surely positive); 0 when unknown
  float confidence = 0; ///< 0.5 .. 1, the probability that the sign of `score` is right; 0 when unknown
};

/// Everything in a model but its weights.
struct sentiment_parameters {
  float scale = 1; ///< of one step of a weight
  float bias = 0;  ///< margin of a text without leaning
  float slope = 1; ///< calibration: log odds = slope * margin + offset
  float offset = 0;
  float neutral_band =
      0.1F; ///< |score| below it is neutral; raising it turns timid judgements into neutral ones
  float min_coverage = 0.5F; ///< share of known words below which a text counts as sparse
  float sparse_score = 0.3F; ///< |score| that a sparse text needs; raising it gives more `unknown`
  friend bool operator==(const sentiment_parameters&, const sentiment_parameters&) = default;
};

/// What the word lists alone say, for sparse texts: log odds = gain * sum / sqrt(known) + offset.
struct word_list_part {
  struct entry {
    std::uint32_t bucket = 0;
    std::int8_t weight = 0;
    friend bool operator==(const entry&, const entry&) = default;
  };
  float gain = 0;
  float offset = 0;
  std::vector<entry> entries; ///< ascending buckets; empty: sparse texts are judged like others
  friend bool operator==(const word_list_part&, const word_list_part&) = default;
};

/// An n-gram of a review and what it adds to the log odds of "positive".
struct contribution {
  std::string ngram;
  float log_odds = 0;
};

class sentiment_model {
 public:
  /// `weights` has feature_count entries; 0 means "never seen". `description` is a JSON object for people.
  sentiment_model(sentiment_parameters parameters, std::vector<std::int8_t> weights, word_list_part lists,
                  std::string description);

  judgement judge(std::string_view text, feature_extractor& scratch) const {
    return judge({}, text, scratch);
  }
  judgement judge(std::string_view title, std::string_view text, feature_extractor& scratch) const;
  judgement judge(const feature_set& features) const noexcept;

  /// Log odds of "positive" before calibration, 0 when no feature is known.
  float margin(const feature_set& features) const noexcept;

  /// The known n-grams of a review, strongest first; for a sparse text those of the word lists.
  std::vector<contribution> explain(std::string_view title, std::string_view text,
                                    feature_extractor& scratch) const;

  /// Whether a review is sparse and judged by the word lists alone.
  bool by_word_lists(const feature_set& features) const noexcept;

  const sentiment_parameters& parameters() const noexcept { return parameters_; }
  const std::vector<std::int8_t>& weights() const noexcept { return weights_; }
  const word_list_part& lists() const noexcept { return lists_; }
  const std::string& description() const noexcept { return description_; }
  /// "sentiment-" and eight hex digits of the content's hash: what results carry as `model`.
  const std::string& id() const noexcept { return id_; }

 private:
  struct tally {
    std::int32_t sum = 0;
    std::uint32_t known = 0;
    std::uint32_t known_words = 0;
  };
  tally count(const feature_set& features) const noexcept;
  float margin(const tally& counts) const noexcept;
  bool sparse(const tally& counts, const feature_set& features) const noexcept;
  bool list_log_odds(const feature_set& features,
                     float& log_odds) const noexcept; ///< false: no listed feature

  sentiment_parameters parameters_;
  std::vector<std::int8_t> weights_;
  word_list_part lists_;
  std::vector<bool> listed_; // whether a bucket is in lists_: few are, and 128 KiB stay in the cache
  std::string description_;
  std::string id_;
};

} // namespace weir::reviews
