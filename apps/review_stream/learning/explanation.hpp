#pragma once

// Why a model judged a review as it did, in words and as JSON. Made by sentiment/explain.hpp and
// topic/explain.hpp.

#include <apps/review_stream/text/features.hpp>
#include <functional>
#include <string>
#include <vector>

namespace weir::reviews {

struct explanation {
  /// An n-gram and what it adds to the log odds: above 0 it speaks for, below 0 against.
  struct part {
    std::string ngram; ///< "good", "very good", "(not) good", "(title) good"
    double log_odds = 0;
  };
  /// A judgement that the model weighed, and what it stands on.
  struct verdict {
    std::string label;
    double probability = 0;
    double base = 0;            ///< log odds before the first n-gram
    std::vector<part> evidence; ///< strongest first
  };

  std::string task; ///< "sentiment" or "topic"
  std::string model;
  std::string label; ///< "unknown" when the model knows nothing of the text
  double score = 0;  ///< sentiment only
  double confidence = 0;
  bool by_word_lists = false;       ///< sentiment only: too few known words, judged by the word lists alone
  std::vector<verdict> verdicts;    ///< sentiment: one, "positive"; topic: a class each, most probable first
  std::vector<std::string> tokens;  ///< in their order
  std::vector<std::string> negated; ///< the words that a negation turns, each once
  std::vector<std::string> unknown; ///< the words that the model has not seen, each once
};

/// Fills in the tokens of the extractor's last text; `knows` says whether a bucket has a weight.
void explain_tokens(explanation& into, const feature_extractor& scratch,
                    const std::function<bool(std::uint32_t)>& knows);

/// For people, ending in a line end; at most `most` n-grams a verdict and as many tokens as fit some lines.
std::string to_text(const explanation& why, std::size_t most = 15);
/// One JSON object on one line, without a line end; all of it.
std::string to_json(const explanation& why);

} // namespace weir::reviews
