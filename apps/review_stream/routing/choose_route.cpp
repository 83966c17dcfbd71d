#include <apps/review_stream/routing/choose_route.hpp>

#include <apps/review_stream/rules/rulebook.hpp>

namespace weir::reviews {

result<judged_review> choose_route::operator()(judged_review judged) const {
  const auto rules = knowledge_->rules();
  if (!rules)
    return rules.error();
  judged.route = (*rules)->routing.choose(judged);
  return judged;
}

} // namespace weir::reviews
