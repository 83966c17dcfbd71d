#include <apps/review_stream/sentiment/train.hpp>

#include <algorithm>
#include <apps/review_stream/learning/calibration.hpp>
#include <apps/review_stream/learning/quantise.hpp>
#include <apps/review_stream/learning/run_all.hpp>
#include <apps/review_stream/learning/solver.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <utility>

namespace weir::reviews {
namespace {

// The rows' buckets, one after the other.
struct corpus {
  struct row {
    std::size_t begin;
    std::size_t end;
    std::size_t words;
    unsigned fold;
    bool positive;
    bool lexicon;
  };
  std::vector<std::uint32_t> buckets;
  std::vector<row> rows;

  std::span<const std::uint32_t> of(const row& r) const {
    return std::span(buckets).subspan(r.begin, r.end - r.begin);
  }

  void add(std::span<const labelled_review> reviews, bool lexicon, unsigned folds) {
    feature_extractor extractor;
    for (const labelled_review& review : reviews) {
      if (review.label != sentiment_label::positive && review.label != sentiment_label::negative)
        continue;
      const feature_set features = extractor.extract(review.title, review.text);
      if (features.all.empty())
        continue; // teaches nothing
      const std::size_t begin = buckets.size();
      buckets.insert(buckets.end(), features.all.begin(), features.all.end());
      rows.push_back({begin, buckets.size(), features.words, folds == 0 ? 0 : fold_of(extractor, folds),
                      review.label == sentiment_label::positive, lexicon});
    }
  }
};

constexpr unsigned no_fold = ~0U;

// Fits all rows but those of one fold; word lists are in every fit.
linear_fit fit_without(const corpus& all, unsigned fold, double positive_weight,
                       const training_options& options) {
  std::vector<example> examples;
  examples.reserve(all.rows.size());
  for (const corpus::row& row : all.rows)
    if (row.lexicon || row.fold != fold)
      examples.push_back({all.of(row), row.positive, row.lexicon});
  return fit_linear(examples,
                    {options.strength, options.smoothing, options.cost, options.min_count, positive_weight});
}

sentiment_model model_of(const linear_fit& fit, sentiment_parameters parameters, word_list_part lists,
                         std::string description) {
  quantised steps = quantise(fit.weights);
  parameters.scale = steps.scale;
  parameters.bias = fit.bias;
  return {parameters, std::move(steps.weights), std::move(lists), std::move(description)};
}

// Fits the word lists alone and calibrates them on the reviews, none of which they learned from.
word_list_part fit_lists(const corpus& all, std::size_t reviews, double positive_weight,
                         const training_options& options) {
  std::vector<example> terms;
  for (const corpus::row& row : std::span(all.rows).subspan(reviews))
    terms.push_back({all.of(row), row.positive, true});
  if (terms.empty())
    return {};
  const linear_fit fit = fit_linear(terms, {options.strength, options.smoothing, options.cost, 1, 1});
  const quantised steps = quantise(fit.weights);
  std::vector<held_out> margins;
  for (const corpus::row& row : std::span(all.rows).first(reviews)) {
    double sum = 0;
    double known = 0;
    for (const std::uint32_t bucket : all.of(row)) {
      sum += steps.weights[bucket];
      known += steps.weights[bucket] != 0 ? 1 : 0;
    }
    if (known > 0)
      margins.push_back(
          {sum * steps.scale / std::sqrt(known), row.positive, row.positive ? positive_weight : 1});
  }
  const calibration fitted = fit_platt(margins);
  word_list_part lists{static_cast<float>(fitted.slope) * steps.scale, static_cast<float>(fitted.offset), {}};
  for (std::uint32_t i = 0; i < feature_count; ++i)
    if (steps.weights[i] != 0)
      lists.entries.push_back({i, steps.weights[i]});
  return lists;
}

std::string describe(std::span<const labelled_review> rows, const trained& facts,
                     const training_options& options) {
  std::map<std::string, std::size_t> sources;
  for (const labelled_review& row : rows)
    if (row.label == sentiment_label::positive || row.label == sentiment_label::negative)
      ++sources[row.source];
  boost::json::object by_source;
  for (const auto& [source, count] : sources)
    by_source[source] = count;
  return boost::json::serialize(boost::json::object{{"task", "sentiment"},
                                                    {"positive", facts.positives},
                                                    {"negative", facts.negatives},
                                                    {"lexicon_terms", facts.lexicon_terms},
                                                    {"features", facts.features},
                                                    {"strength", options.strength},
                                                    {"cost", options.cost},
                                                    {"sources", std::move(by_source)}});
}

} // namespace

result<trained> train_sentiment(std::span<const labelled_review> rows,
                                std::span<const labelled_review> lexicon, const training_options& options) {
  const auto started = std::chrono::steady_clock::now();
  std::mutex reporting;
  const double steps = options.folds + 3;
  double done = 0;
  const auto report = [&](std::string_view next) {
    const std::lock_guard lock(reporting);
    if (options.progress)
      options.progress(done / steps, next);
    done += 1;
  };
  report("reading words");
  corpus all;
  all.add(rows, false, options.folds);
  trained out{sentiment_model({}, {}, {}, {}), 0, 0, 0, 0, 0};
  for (const corpus::row& row : all.rows)
    ++(row.positive ? out.positives : out.negatives);
  if (out.positives == 0 || out.negatives == 0)
    return permanent("nothing to learn from: " + std::to_string(out.positives) + " positive and " +
                         std::to_string(out.negatives) + " negative rows with a text",
                     "training rows", "give rows of both classes; check --label-field and --source");
  const std::size_t reviews = all.rows.size();
  all.add(lexicon, true, options.folds);
  out.lexicon_terms = all.rows.size() - reviews;

  const double positive_weight =
      options.balance ? static_cast<double>(out.negatives) / static_cast<double>(out.positives) : 1;
  linear_fit final_fit;
  std::vector<held_out> margins(reviews);
  std::vector<std::function<void()>> jobs{[&] {
    report("fitting");
    final_fit = fit_without(all, no_fold, positive_weight, options);
  }};
  word_list_part lists;
  jobs.emplace_back([&] {
    report("word lists");
    lists = fit_lists(all, reviews, positive_weight, options);
  });
  for (unsigned fold = 0; fold < options.folds; ++fold)
    jobs.emplace_back([&, fold] {
      report("calibrating");
      const sentiment_model model = model_of(fit_without(all, fold, positive_weight, options), {}, {}, {});
      for (std::size_t i = 0; i < reviews; ++i) {
        const corpus::row& row = all.rows[i];
        if (row.fold == fold)
          margins[i] = {model.margin({all.of(row), row.words}), row.positive,
                        row.positive ? positive_weight : 1};
      }
    });
  run_all(jobs, options.threads);

  sentiment_parameters parameters;
  parameters.neutral_band = options.neutral_band;
  parameters.min_coverage = options.min_coverage;
  parameters.sparse_score = options.sparse_score;
  if (options.folds > 1) {
    const calibration fitted = fit_platt(margins);
    parameters.slope = static_cast<float>(fitted.slope);
    parameters.offset = static_cast<float>(fitted.offset);
  }
  out.features =
      static_cast<std::size_t>(std::ranges::count_if(final_fit.weights, [](float w) { return w != 0; }));
  out.model = model_of(final_fit, parameters, std::move(lists), describe(rows, out, options));
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  report("done");
  return out;
}

} // namespace weir::reviews
