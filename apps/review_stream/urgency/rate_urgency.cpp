#include <apps/review_stream/urgency/rate_urgency.hpp>

#include <apps/review_stream/rules/rulebook.hpp>

namespace weir::reviews {

result<judged_review> rate_urgency::operator()(judged_review judged) const {
  const auto rules = knowledge_->rules();
  if (!rules)
    return rules.error();
  judged.urgency = (*rules)->urgency.rate(judged);
  return judged;
}

} // namespace weir::reviews
