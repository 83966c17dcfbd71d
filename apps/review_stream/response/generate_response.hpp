#pragma once

// The node `generate_response`: a review in; the same with an answer to its author.

#include <apps/review_stream/knowledge/knowledge.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <memory>
#include <utility>

namespace weir::reviews {

/// A callable for `map`, behind everything that the policy looks at. Copies share knowledge. Thread-safe.
class generate_response {
 public:
  explicit generate_response(std::shared_ptr<const knowledge> from) : knowledge_(std::move(from)) {}
  result<judged_review> operator()(judged_review judged) const;

 private:
  std::shared_ptr<const knowledge> knowledge_;
};

} // namespace weir::reviews
