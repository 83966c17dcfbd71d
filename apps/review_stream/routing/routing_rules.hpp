#pragma once

// Who should look at a review: rules from top to bottom, the first that holds wins.
//
// A rule holds when all it asks for is so; of several values in one field, one is enough. When none holds
// the review goes to "none". The reason names what decided: "topic bug", "urgency high: injury".
//
// Thread-safety: immutable, choose() may be called by many threads; copies are independent.

#include <apps/review_stream/review.hpp>

#include <string>
#include <utility>
#include <vector>

namespace weir::reviews {

struct route_rule {
  std::string to = {};                     ///< engineering, product, human, none, or a name of the user's
  std::vector<std::string> topic = {};     ///< one of the review's topics is among these; empty = any
  double min_topic_confidence = 0;         ///< and at least so sure
  std::vector<std::string> urgency = {};   ///< levels: low, normal, high; empty = any
  std::vector<std::string> because = {};   ///< urgency rules, by name: one of them held; empty = any
  std::vector<std::string> sentiment = {}; ///< labels; empty = any
  double min_confidence = 0;               ///< of the sentiment
};

class routing_rules {
 public:
  routing_rules() = default; ///< everything goes to "none"
  explicit routing_rules(std::vector<route_rule> rules) : rules_(std::move(rules)) {}

  /// Looks at topics, urgency and sentiment.
  route choose(const judged_review& judged) const;

  const std::vector<route_rule>& rules() const noexcept { return rules_; }

 private:
  std::vector<route_rule> rules_;
};

} // namespace weir::reviews
