#pragma once

// The node `rate_urgency`: a review in; the same with how soon somebody should look at it.

#include <apps/review_stream/knowledge/knowledge.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <memory>
#include <utility>

namespace weir::reviews {

/// A callable for `map`. Copies share knowledge. Thread-safe.
class rate_urgency {
 public:
  explicit rate_urgency(std::shared_ptr<const knowledge> from) : knowledge_(std::move(from)) {}
  result<judged_review> operator()(judged_review judged) const;

 private:
  std::shared_ptr<const knowledge> knowledge_;
};

} // namespace weir::reviews
