#pragma once

// The node `categorize_topic`: a review in; the same with what it is about.

#include <apps/review_stream/knowledge/knowledge.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <memory>
#include <utility>

namespace weir::reviews {

/// A callable for `map`: by the trained topic model if there is one, else by the rules' weighted terms.
/// Copies share knowledge. Thread-safe.
class categorize_topic {
 public:
  explicit categorize_topic(std::shared_ptr<const knowledge> from) : knowledge_(std::move(from)) {}
  result<judged_review> operator()(judged_review judged) const;

 private:
  std::shared_ptr<const knowledge> knowledge_;
};

} // namespace weir::reviews
