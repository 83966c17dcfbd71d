#include <apps/review_stream/topic/explain.hpp>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace weir::reviews {
namespace {

constexpr std::size_t most_explained = 20; // of up to 1,000 classes: the rest would only be noise

} // namespace

explanation explain(const topic_model& model, std::string_view title, std::string_view text,
                    feature_extractor& scratch, std::size_t most) {
  explanation why;
  why.task = "topic";
  why.model = model.id();
  why.label = "unknown";
  const std::vector<double> p = model.probabilities(scratch.extract(title, text));
  explain_tokens(why, scratch, [&](std::uint32_t bucket) { return model.knows(bucket); });
  if (p.empty())
    return why;
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  why.label = model.classes()[order.front()].name;
  why.confidence = p[order.front()];
  for (const std::size_t c : order) {
    const topic_class& about = model.classes()[c];
    explanation::verdict v{about.name, p[c], about.slope * about.bias + about.offset, {}};
    if (why.verdicts.size() < most_explained)
      for (topic_contribution& part : model.evidence(c, title, text, scratch, most))
        v.evidence.push_back({std::move(part.ngram), part.log_odds});
    why.verdicts.push_back(std::move(v));
  }
  return why;
}

} // namespace weir::reviews
