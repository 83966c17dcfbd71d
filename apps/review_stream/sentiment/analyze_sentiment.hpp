#pragma once

// The node `analyze_sentiment`: a review in, a judged review out. The model is loaded once and shared by all
// workers.

#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <memory>
#include <string>
#include <utility>

namespace weir::reviews {

class sentiment_model;

/// A callable for `map`. Copies share the model. Thread-safe.
class analyze_sentiment {
 public:
  /// Loads the model; the error names the file and what to do.
  static result<analyze_sentiment> load(const std::string& model_path);

  judged_review operator()(const review& r) const;

 private:
  explicit analyze_sentiment(std::shared_ptr<const sentiment_model> model) : model_(std::move(model)) {}
  std::shared_ptr<const sentiment_model> model_;
};

} // namespace weir::reviews
