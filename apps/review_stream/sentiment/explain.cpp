#include <apps/review_stream/sentiment/explain.hpp>

#include <string>
#include <utility>

namespace weir::reviews {

explanation explain(const sentiment_model& model, std::string_view title, std::string_view text,
                    feature_extractor& scratch) {
  const judgement judged = model.judge(title, text, scratch);
  const sentiment_parameters& p = model.parameters();
  explanation why;
  why.task = "sentiment";
  why.model = model.id();
  why.label = to_string(judged.label);
  why.score = judged.score;
  why.confidence = judged.confidence;
  explain_tokens(why, scratch, [&](std::uint32_t bucket) { return model.weights()[bucket] != 0; });
  why.by_word_lists = model.by_word_lists(scratch.extract(title, text));
  explanation::verdict positive;
  positive.label = "positive";
  positive.base = why.by_word_lists ? model.lists().offset : p.slope * p.bias + p.offset;
  for (contribution& part : model.explain(title, text, scratch))
    positive.evidence.push_back({std::move(part.ngram), part.log_odds});
  if (judged.label != sentiment_label::unknown)
    positive.probability = (1 + static_cast<double>(judged.score)) / 2;
  if (!positive.evidence.empty())
    why.verdicts.push_back(std::move(positive));
  return why;
}

} // namespace weir::reviews
