#pragma once
#include <apps/review_stream/review.hpp>
#include <apps/review_stream/text/features.hpp>
namespace weir::reviews {
class topic_model {
 public:
  std::vector<topic> topics_of(std::string_view, std::string_view, feature_extractor&) const { return {}; }
  const std::string& id() const { return id_; }
  std::string id_;
};
} // namespace weir::reviews
