#include <apps/review_stream/topic/evaluate.hpp>

#include <apps/review_stream/learning/folds.hpp>
#include <apps/review_stream/learning/stopwatch.hpp>
#include <apps/review_stream/text/excerpt.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>
#include <utility>
#include <vector>

namespace weir::reviews {
namespace {

// The most probable topic; without a name when no word is known.
topic best_of(const topic_model& model, const labelled_text& row, feature_extractor& scratch) {
  auto topics = model.topics_of(row.title, row.text, scratch);
  return topics.empty() ? topic{} : std::move(topics.front());
}

evaluation summarise(std::span<const labelled_text> rows, std::span<const topic> guesses,
                     std::size_t most_mistakes) {
  std::vector<outcome> judged;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const labelled_text& row = rows[i]; !row.label.empty())
      judged.push_back({excerpt(row.label, 100), guesses[i].name, guesses[i].confidence, row.id, row.source,
                        row.language, row.title, row.text});
  evaluation out = summarise(judged, judged, most_mistakes);
  out.task = "topic";
  out.rows = rows.size();
  out.unlabelled = rows.size() - judged.size();
  return out;
}

double microseconds_a_review(const topic_model& model, std::span<const labelled_text> rows,
                             std::vector<topic>& guesses) {
  guesses.assign(rows.size(), {});
  feature_extractor scratch;
  return microseconds_a_row(rows.size(),
                            [&](std::size_t i) { guesses[i] = best_of(model, rows[i], scratch); });
}

} // namespace

evaluation evaluate(const topic_model& model, std::span<const labelled_text> rows,
                    std::size_t most_mistakes) {
  std::vector<topic> guesses;
  const double microseconds = microseconds_a_review(model, rows, guesses);
  evaluation out = summarise(rows, guesses, most_mistakes);
  out.microseconds = microseconds;
  out.model_bytes = encode_topic_model(model).size();
  out.model = model.id();
  return out;
}

result<evaluation> cross_validate_topics(std::span<const labelled_text> rows, unsigned folds,
                                         const topic_training_options& options, std::size_t most_mistakes) {
  std::vector<topic> guesses(rows.size());
  feature_extractor scratch;
  const auto whole = train_in_folds(
      rows, folds, options,
      [](std::span<const labelled_text> some, const topic_training_options& how) {
        return train_topics(some, how);
      },
      [&](const trained_topics& fitted, std::size_t i) {
        guesses[i] = best_of(fitted.model, rows[i], scratch);
      });
  if (!whole)
    return whole.error();
  evaluation out = summarise(rows, guesses, most_mistakes);
  out.microseconds = microseconds_a_review(whole->model, rows, guesses);
  out.model_bytes = encode_topic_model(whole->model).size();
  out.model = whole->model.id();
  out.training_seconds = whole->seconds;
  out.folds = folds;
  return out;
}

} // namespace weir::reviews
