#include <apps/review_stream/sentiment/evaluate.hpp>

#include <apps/review_stream/learning/folds.hpp>
#include <apps/review_stream/learning/stopwatch.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <string>
#include <utility>
#include <vector>

namespace weir::reviews {
namespace {

bool is_polar(sentiment_label label) noexcept {
  return label == sentiment_label::positive || label == sentiment_label::negative;
}

// The class that the sign of the score names, whatever the neutral band says.
sentiment_label side(const judgement& judged) noexcept {
  if (judged.label == sentiment_label::unknown)
    return sentiment_label::unknown;
  return judged.score > 0 ? sentiment_label::positive : sentiment_label::negative;
}

std::string guess_of(sentiment_label label) {
  return label == sentiment_label::unknown ? std::string() : std::string(to_string(label));
}

outcome outcome_of(sentiment_label label, sentiment_label guess, const judgement& judged) {
  return {std::string(to_string(label)), guess_of(guess), judged.confidence, {}, {}, {}, {}, {}};
}

evaluation summarise(std::span<const labelled_review> rows, std::span<const judged_row> judged,
                     std::size_t most_mistakes) {
  std::vector<outcome> sides;
  std::vector<outcome> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const labelled_review& row = rows[i];
    if (row.label == sentiment_label::unknown)
      continue;
    labels.push_back(outcome_of(row.label, judged[i].judged.label, judged[i].judged));
    if (!is_polar(row.label))
      continue;
    outcome side_named = outcome_of(row.label, side(judged[i].judged), judged[i].judged);
    side_named.id = row.id;
    side_named.source = row.source;
    side_named.language = row.language;
    side_named.title = row.title;
    side_named.text = row.text;
    sides.push_back(std::move(side_named));
  }
  evaluation out = summarise(sides, labels, most_mistakes);
  out.task = "sentiment";
  out.rows = rows.size();
  out.unlabelled = rows.size() - labels.size();
  return out;
}

double microseconds_a_review(const sentiment_model& model, std::span<const labelled_review> rows,
                             std::vector<judged_row>& judged) {
  judged.assign(rows.size(), {});
  feature_extractor scratch;
  return microseconds_a_row(rows.size(), [&](std::size_t i) {
    judged[i] = {rows[i].label, model.judge(rows[i].title, rows[i].text, scratch)};
  });
}

} // namespace

quality measure(std::span<const judged_row> rows) {
  std::vector<outcome> sides;
  for (const judged_row& row : rows)
    if (is_polar(row.label))
      sides.push_back(outcome_of(row.label, side(row.judged), row.judged));
  return measure(sides);
}

evaluation evaluate(const sentiment_model& model, std::span<const labelled_review> rows,
                    std::size_t most_mistakes) {
  std::vector<judged_row> judged;
  const double microseconds = microseconds_a_review(model, rows, judged);
  evaluation out = summarise(rows, judged, most_mistakes);
  out.microseconds = microseconds;
  out.model_bytes = encode_model(model).size();
  out.model = model.id();
  return out;
}

result<evaluation> cross_validate(std::span<const labelled_review> rows,
                                  std::span<const labelled_review> lexicon, unsigned folds,
                                  const training_options& options, std::size_t most_mistakes) {
  std::vector<judged_row> judged(rows.size());
  feature_extractor scratch;
  const auto whole = train_in_folds(
      rows, folds, options,
      [&](std::span<const labelled_review> some, const training_options& how) {
        return train_sentiment(some, lexicon, how);
      },
      [&](const trained& fitted, std::size_t i) {
        judged[i] = {rows[i].label, fitted.model.judge(rows[i].title, rows[i].text, scratch)};
      });
  if (!whole)
    return whole.error();
  evaluation out = summarise(rows, judged, most_mistakes);
  out.microseconds = microseconds_a_review(whole->model, rows, judged); // after the summary: it judges anew
  out.model_bytes = encode_model(whole->model).size();
  out.model = whole->model.id();
  out.training_seconds = whole->seconds;
  out.folds = folds;
  return out;
}

} // namespace weir::reviews
