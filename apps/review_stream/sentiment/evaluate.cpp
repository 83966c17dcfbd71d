#include <apps/review_stream/sentiment/evaluate.hpp>

#include <algorithm>
#include <apps/review_stream/learning/calibration.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <array>
#include <chrono>
#include <ctime>

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

// Hits, guesses and rows of each label.
struct confusion {
  struct tally {
    double hits = 0, guesses = 0, rows = 0;
  };
  std::array<tally, 4> labels{};

  void add(sentiment_label truth, sentiment_label guess) {
    ++labels[static_cast<std::size_t>(truth)].rows;
    ++labels[static_cast<std::size_t>(guess)].guesses;
    if (truth == guess)
      ++labels[static_cast<std::size_t>(truth)].hits;
  }
  // Over the labels that some row has.
  double macro_f1() const {
    double sum = 0;
    double present = 0;
    for (const tally& t : labels) {
      if (t.rows == 0)
        continue;
      sum += 2 * t.hits / (t.guesses + t.rows);
      ++present;
    }
    return present == 0 ? 0 : sum / present;
  }
  double accuracy() const {
    double hits = 0;
    double rows = 0;
    for (const tally& t : labels) {
      hits += t.hits;
      rows += t.rows;
    }
    return rows == 0 ? 0 : hits / rows;
  }
};

evaluation summarise(std::span<const labelled_review> rows, std::span<const judged_row> judged) {
  evaluation out;
  out.rows = rows.size();
  out.all = measure(judged);
  std::map<std::string, std::vector<judged_row>> sources;
  std::map<std::string, std::vector<judged_row>> languages;
  confusion three;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].label == sentiment_label::unknown)
      continue;
    three.add(rows[i].label, judged[i].judged.label);
    ++out.rows_3;
    if (!is_polar(rows[i].label))
      continue;
    if (!rows[i].source.empty())
      sources[rows[i].source].push_back(judged[i]);
    if (!rows[i].language.empty())
      languages[rows[i].language].push_back(judged[i]);
  }
  out.accuracy_3 = three.accuracy();
  out.macro_f1_3 = three.macro_f1();
  for (const auto& [name, part] : sources)
    out.by_source[name] = measure(part);
  for (const auto& [name, part] : languages)
    out.by_language[name] = measure(part);
  return out;
}

// What this thread has computed so far: unlike the clock on the wall it leaves out the time that others had
// the core.
std::chrono::nanoseconds thread_time() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// Judges all rows at least three times over; the mean time a review in the fastest pass.
double microseconds_a_review(const sentiment_model& model, std::span<const labelled_review> rows,
                             std::vector<judged_row>& judged) {
  judged.assign(rows.size(), {});
  if (rows.empty())
    return 0;
  feature_extractor scratch;
  const auto started = thread_time();
  auto best = std::chrono::nanoseconds::max();
  for (int pass = 0; pass < 3 || thread_time() - started < std::chrono::milliseconds(200); ++pass) {
    const auto from = thread_time();
    for (std::size_t i = 0; i < rows.size(); ++i)
      judged[i] = {rows[i].label, model.judge(rows[i].title, rows[i].text, scratch)};
    best = std::min(best, thread_time() - from);
  }
  return std::chrono::duration<double, std::micro>(best).count() / static_cast<double>(rows.size());
}

} // namespace

quality measure(std::span<const judged_row> rows) {
  quality out;
  confusion table;
  std::vector<prediction> judged;
  for (const judged_row& row : rows) {
    if (!is_polar(row.label))
      continue;
    const sentiment_label guess = side(row.judged);
    table.add(row.label, guess);
    if (guess != sentiment_label::unknown)
      judged.push_back({row.judged.confidence, guess == row.label});
    ++out.rows;
  }
  if (out.rows == 0)
    return out;
  const auto hits = static_cast<double>(std::ranges::count_if(judged, &prediction::correct));
  out.accuracy = table.accuracy();
  out.accuracy_judged = judged.empty() ? 0 : hits / static_cast<double>(judged.size());
  out.macro_f1 = table.macro_f1();
  out.calibration_error = calibration_error(judged);
  out.unknown_share = 1 - static_cast<double>(judged.size()) / static_cast<double>(out.rows);
  return out;
}

evaluation evaluate(const sentiment_model& model, std::span<const labelled_review> rows) {
  std::vector<judged_row> judged;
  const double microseconds = microseconds_a_review(model, rows, judged);
  evaluation out = summarise(rows, judged);
  out.microseconds = microseconds;
  out.model_bytes = encode_model(model).size();
  out.model = model.id();
  return out;
}

result<evaluation> cross_validate(std::span<const labelled_review> rows,
                                  std::span<const labelled_review> lexicon, unsigned folds,
                                  const training_options& options) {
  std::vector<unsigned> fold(rows.size());
  feature_extractor scratch;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scratch.extract(rows[i].title, rows[i].text);
    fold[i] = fold_of(scratch, folds);
  }
  const double parts = folds + 1.0;
  const auto options_of = [&](unsigned part) {
    training_options nested = options;
    if (options.progress)
      nested.progress = [&options, part, parts](double share, std::string_view next) {
        options.progress((part + share) / parts, next);
      };
    return nested;
  };
  std::vector<judged_row> judged(rows.size());
  for (unsigned held = 0; held < folds; ++held) {
    std::vector<labelled_review> others;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (fold[i] != held)
        others.push_back(rows[i]);
    const auto fitted = train_sentiment(others, lexicon, options_of(held));
    if (!fitted)
      return fitted.error();
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (fold[i] == held)
        judged[i] = {rows[i].label, fitted->model.judge(rows[i].title, rows[i].text, scratch)};
  }
  const auto whole = train_sentiment(rows, lexicon, options_of(folds));
  if (!whole)
    return whole.error();
  evaluation out = summarise(rows, judged);
  out.microseconds = microseconds_a_review(whole->model, rows, judged);
  out.model_bytes = encode_model(whole->model).size();
  out.model = whole->model.id();
  out.training_seconds = whole->seconds;
  out.folds = folds;
  return out;
}

} // namespace weir::reviews
