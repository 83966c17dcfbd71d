#include <apps/review_stream/routing/choose_route.hpp>

#include <apps/review_stream/rules/rulebook.hpp>

namespace weir::reviews {

result<judged_review> choose_route::operator()(const judged_review& judged) const {
  const auto rules = knowledge_->rules();
  if (!rules)
    return rules.error();
  judged_review out = judged;
  out.route = (*rules)->routing.choose(judged);
  return out;
}

} // namespace weir::reviews
