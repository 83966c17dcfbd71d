#include <apps/review_stream/topic/train.hpp>

#include <algorithm>
#include <apps/review_stream/learning/calibration.hpp>
#include <apps/review_stream/learning/folds.hpp>
#include <apps/review_stream/learning/quantise.hpp>
#include <apps/review_stream/learning/run_all.hpp>
#include <apps/review_stream/learning/solver.hpp>
#include <apps/review_stream/text/excerpt.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

namespace weir::reviews {
namespace {

constexpr std::size_t longest_name = 100;

// The rows' features, one after the other; after `compact`, counted from 0 so that a fit's memory goes with
// the known features and not with all buckets.
struct corpus {
  struct row {
    std::size_t begin;
    std::size_t end;
    unsigned fold;
    std::uint32_t label;
  };
  std::vector<std::uint32_t> features;
  std::vector<row> rows;
  std::vector<std::uint32_t> known; // the bucket of each feature, ascending

  std::span<const std::uint32_t> of(const row& r) const {
    return std::span(features).subspan(r.begin, r.end - r.begin);
  }

  void add(const labelled_text& review, std::uint32_t label, unsigned folds, feature_extractor& extractor) {
    const feature_set extracted = extractor.extract(review.title, review.text);
    if (extracted.words == 0)
      return;
    const std::size_t begin = features.size();
    features.insert(features.end(), extracted.all.begin(), extracted.all.end());
    rows.push_back({begin, features.size(), folds == 0 ? 0 : fold_of(extractor, folds), label});
  }

  // Counts the rows of each class, and leaves out the classes of which no row has a word; the names of the
  // others, in their order.
  std::vector<std::string> drop_empty_classes(std::map<std::string, std::size_t>& classes) {
    std::vector<std::size_t> sizes(classes.size());
    for (const row& r : rows)
      ++sizes[r.label];
    std::vector<std::string> names;
    std::vector<std::uint32_t> place;
    for (std::size_t i = 0; auto& [name, count] : classes) {
      count = sizes[i++];
      place.push_back(static_cast<std::uint32_t>(names.size()));
      if (count != 0)
        names.push_back(name);
    }
    for (row& r : rows)
      r.label = place[r.label];
    std::erase_if(classes, [](const auto& c) { return c.second == 0; });
    return names;
  }

  // Keeps the features of at least `min_count` rows, and of those the most frequent `most`.
  void compact(unsigned min_count, std::size_t most) {
    std::vector<std::uint32_t> counts(feature_count);
    for (const std::uint32_t bucket : features)
      ++counts[bucket];
    const auto holds = [&](std::uint32_t least) {
      return static_cast<std::size_t>(std::ranges::count_if(counts, [&](auto c) { return c >= least; }));
    };
    std::uint32_t least = std::max(1U, min_count);
    while (holds(least) > most)
      ++least;
    constexpr std::uint32_t none = ~0U;
    std::vector<std::uint32_t> place(feature_count, none);
    for (std::uint32_t bucket = 0; bucket < feature_count; ++bucket)
      if (counts[bucket] >= least) {
        place[bucket] = static_cast<std::uint32_t>(known.size());
        known.push_back(bucket);
      }
    std::size_t end = 0;
    for (row& r : rows) {
      const std::size_t begin = end;
      for (std::size_t i = r.begin; i < r.end; ++i)
        if (place[features[i]] != none)
          features[end++] = place[features[i]];
      r.begin = begin;
      r.end = end;
    }
    features.resize(end);
  }
};

// One class against all others, in eight bits.
struct class_fit {
  quantised steps;
  float bias = 0;

  double margin(std::span<const std::uint32_t> features) const {
    std::int32_t sum = 0;
    std::uint32_t count = 0;
    for (const std::uint32_t feature : features) {
      sum += steps.weights[feature];
      count += steps.weights[feature] != 0 ? 1 : 0;
    }
    return count == 0 ? bias : steps.scale * sum / std::sqrt(static_cast<double>(count)) + bias;
  }
};

constexpr unsigned no_fold = ~0U;

class_fit fit_without(const corpus& all, unsigned fold, std::uint32_t label,
                      const topic_training_options& options) {
  std::vector<example> examples;
  examples.reserve(all.rows.size());
  for (const corpus::row& row : all.rows)
    if (row.fold != fold)
      examples.push_back({all.of(row), row.label == label, false});
  fit_options how{options.strength, options.smoothing, options.cost, options.min_count, 1};
  how.features = all.known.size();
  const linear_fit fit = fit_linear(examples, how);
  return {quantise(fit.weights), fit.bias};
}

result<std::map<std::string, std::size_t>> classes_of(std::span<const labelled_text> rows) {
  std::map<std::string, std::size_t> classes;
  for (const labelled_text& row : rows) {
    if (row.label.empty() || classes.contains(row.label))
      continue;
    if (excerpt(row.label, longest_name) != row.label)
      return permanent(
          "the label '" + excerpt(row.label, 40) + "' is not plain text of at most 100 characters",
          "line " + std::to_string(row.line), "shorten it, or name another field with --label-field");
    classes.emplace(row.label, 0);
    if (classes.size() > topic_model::max_classes)
      break;
  }
  if (classes.size() > topic_model::max_classes)
    return permanent("more than 1,000 different labels", "training rows",
                     "name a field that holds topics, not free text, with --label-field");
  return classes;
}

std::string describe(const trained_topics& facts, const topic_training_options& options) {
  boost::json::object classes;
  for (const auto& [name, count] : facts.classes)
    classes[name] = count;
  return boost::json::serialize(boost::json::object{{"task", "topic"},
                                                    {"rows", facts.rows},
                                                    {"features", facts.features},
                                                    {"strength", options.strength},
                                                    {"cost", options.cost},
                                                    {"classes", std::move(classes)}});
}

} // namespace

result<trained_topics> train_topics(std::span<const labelled_text> rows,
                                    const topic_training_options& options) {
  const auto started = std::chrono::steady_clock::now();
  if (options.progress)
    options.progress(0, "reading words");
  auto classes = classes_of(rows);
  if (!classes)
    return std::move(classes).error();
  std::map<std::string_view, std::uint32_t> number;
  for (const auto& [name, count] : *classes)
    number.emplace(name, static_cast<std::uint32_t>(number.size()));
  corpus all;
  feature_extractor extractor;
  for (const labelled_text& row : rows)
    if (!row.label.empty())
      all.add(row, number.at(row.label), options.folds, extractor);
  const std::vector<std::string> names = all.drop_empty_classes(*classes);
  if (names.size() < topic_model::min_classes)
    return permanent("nothing to learn from: " + std::to_string(all.rows.size()) +
                         " labelled rows with a text, of " + std::to_string(names.size()) + " topics",
                     "training rows", "give rows of at least two topics; check --label-field and --source");
  all.compact(options.min_count, options.max_weights / names.size());

  std::mutex reporting;
  double done = 0;
  const double steps = static_cast<double>(names.size()) * (options.folds + 1.0);
  const auto report = [&](const std::string& what) {
    const std::lock_guard lock(reporting);
    if (options.progress)
      options.progress(done / steps, what);
    done += 1;
  };
  // A part of the rows is enough to fit one number, and a thousand classes of all rows would fill the memory.
  constexpr std::size_t most_log_odds = std::size_t{8} << 20U;
  const std::size_t stride = 1 + all.rows.size() * names.size() / most_log_odds;
  std::vector<std::uint32_t> picked_labels;
  for (std::size_t i = 0; i < all.rows.size(); i += stride)
    picked_labels.push_back(all.rows[i].label);
  std::vector<float> picked_log_odds(picked_labels.size() * names.size());

  std::vector<class_fit> fits(names.size());
  std::vector<calibration> calibrations(names.size());
  std::vector<std::function<void()>> jobs;
  for (std::uint32_t label = 0; label < names.size(); ++label)
    jobs.emplace_back([&, label] {
      report("fitting " + names[label]);
      fits[label] = fit_without(all, no_fold, label, options);
      if (options.folds < 2)
        return;
      std::vector<held_out> margins(all.rows.size());
      for (unsigned fold = 0; fold < options.folds; ++fold) {
        report("calibrating " + names[label]);
        const class_fit without = fit_without(all, fold, label, options);
        for (std::size_t i = 0; i < all.rows.size(); ++i)
          if (const corpus::row& row = all.rows[i]; row.fold == fold)
            margins[i] = {without.margin(all.of(row)), row.label == label, 1};
      }
      calibrations[label] = fit_platt(margins);
      for (std::size_t i = 0; i < picked_labels.size(); ++i)
        picked_log_odds[i * names.size() + label] = static_cast<float>(
            calibrations[label].slope * margins[i * stride].margin + calibrations[label].offset);
    });
  run_all(jobs, options.threads);

  topic_parameters parameters{options.floor, 1};
  if (options.folds > 1)
    parameters.sharpness = static_cast<float>(fit_sharpness(picked_log_odds, picked_labels));

  std::vector<topic_class> fitted;
  topic_weights weights{all.known, std::vector<std::int8_t>(all.known.size() * names.size())};
  for (std::size_t label = 0; label < names.size(); ++label) {
    const class_fit& fit = fits[label];
    fitted.push_back({names[label], fit.steps.scale, fit.bias, static_cast<float>(calibrations[label].slope),
                      static_cast<float>(calibrations[label].offset)});
    for (std::size_t feature = 0; feature < all.known.size(); ++feature)
      weights.steps[feature * names.size() + label] = fit.steps.weights[feature];
  }
  trained_topics out{topic_model({}, {}, {}, {}), all.rows.size(), *std::move(classes), all.known.size(), 0};
  out.model = topic_model(std::move(fitted), std::move(weights), parameters, describe(out, options));
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (options.progress)
    options.progress(1, "done");
  return out;
}

} // namespace weir::reviews
