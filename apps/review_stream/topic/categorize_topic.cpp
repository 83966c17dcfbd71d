#include <apps/review_stream/topic/categorize_topic.hpp>

#include <apps/review_stream/rules/rulebook.hpp>
#include <apps/review_stream/text/features.hpp>
#include <apps/review_stream/topic/topic_model.hpp>

namespace weir::reviews {

result<judged_review> categorize_topic::operator()(judged_review judged) const {
  const auto rules = knowledge_->rules();
  if (!rules)
    return rules.error();
  const auto model = knowledge_->topics();
  if (!model)
    return model.error();
  const review& r = judged.review;
  if (*model) {
    thread_local feature_extractor scratch; // reused memory: no allocation a review
    judged.topics = (*model)->topics_of(r.title, r.text, scratch);
  } else {
    judged.topics = (*rules)->topics.topics_of(r.title, r.text, judged.language);
  }
  return judged;
}

} // namespace weir::reviews
