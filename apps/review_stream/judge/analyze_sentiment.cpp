#include <apps/review_stream/judge/analyze_sentiment.hpp>

#include <apps/review_stream/sentiment/features.hpp>
#include <apps/review_stream/sentiment/model.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>

#include <utility>

namespace weir::reviews {

result<analyze_sentiment> analyze_sentiment::load(const std::string& model_path) {
  auto model = load_model(model_path);
  if (!model)
    return std::move(model).error();
  return analyze_sentiment{std::make_shared<const sentiment_model>(*std::move(model))};
}

judged_review analyze_sentiment::operator()(const review& r) const {
  thread_local feature_extractor scratch; // reused memory: no allocation a review
  const judgement j = model_->judge(r.title, r.text, scratch);
  return {r, {std::string{to_string(j.label)}, j.score, j.confidence}, model_->id()};
}

} // namespace weir::reviews
