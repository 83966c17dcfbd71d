#pragma once

// The node `choose_route`: a review in; the same with who should look at it.

#include <apps/review_stream/knowledge/knowledge.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <memory>
#include <utility>

namespace weir::reviews {

/// A callable for `map`, behind topics and urgency. Copies share knowledge. Thread-safe.
class choose_route {
 public:
  explicit choose_route(std::shared_ptr<const knowledge> from) : knowledge_(std::move(from)) {}
  result<judged_review> operator()(judged_review judged) const;

 private:
  std::shared_ptr<const knowledge> knowledge_;
};

} // namespace weir::reviews
