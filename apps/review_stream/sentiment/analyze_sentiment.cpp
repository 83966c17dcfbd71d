#include <apps/review_stream/sentiment/analyze_sentiment.hpp>

#include <apps/review_stream/sentiment/model.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <apps/review_stream/text/features.hpp>

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
  judged_review judged;
  judged.review = r;
  judged.sentiment = {std::string{to_string(j.label)}, j.score, j.confidence};
  judged.model = model_->id();
  return judged;
}

} // namespace weir::reviews
