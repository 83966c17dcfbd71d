#include <apps/review_stream/learning/solver.hpp>

#include <cmath>
#include <linear.h>
#include <memory>
#include <mutex>

namespace weir::reviews {
namespace {

struct counts {
  std::uint32_t positive = 0;
  std::uint32_t negative = 0;
  bool keep = false;
};

// The naive-Bayes log ratio of each bucket, its size raised to `strength`; 0 for buckets that get no weight.
std::vector<float> log_ratios(std::span<const example> rows, const fit_options& options) {
  std::vector<counts> table(options.features);
  for (const example& row : rows)
    for (const std::uint32_t bucket : row.buckets) {
      counts& c = table[bucket];
      ++(row.positive ? c.positive : c.negative);
      c.keep = c.keep || row.keep;
    }
  double positives = 0;
  double negatives = 0;
  for (counts& c : table) {
    if (c.positive + c.negative == 0)
      continue;
    positives += c.positive + options.smoothing;
    negatives += c.negative + options.smoothing;
    c.keep = c.keep || c.positive + c.negative >= options.min_count;
  }
  std::vector<float> ratios(options.features);
  for (std::size_t i = 0; i < options.features; ++i) {
    if (!table[i].keep)
      continue;
    const double p = (table[i].positive + options.smoothing) / positives;
    const double n = (table[i].negative + options.smoothing) / negatives;
    const double log_ratio = std::log(p / n);
    ratios[i] = static_cast<float>(std::copysign(std::pow(std::abs(log_ratio), options.strength), log_ratio));
  }
  return ratios;
}

} // namespace

linear_fit fit_linear(std::span<const example> rows, const fit_options& options) {
  static std::once_flag
      quiet; // liblinear prints to stdout unless told otherwise, and knows only a global switch
  std::call_once(quiet, [] { set_print_string_function([](const char*) {}); });

  const std::vector<float> ratios = log_ratios(rows, options);
  std::size_t needed = 0;
  for (const example& row : rows)
    needed += row.buckets.size() + 2; // bias and end mark
  std::vector<feature_node> nodes;
  nodes.reserve(needed);
  std::vector<feature_node*> starts;
  std::vector<double> targets;
  const int bias_index = static_cast<int>(options.features) + 1; // liblinear counts from 1
  for (const example& row : rows) {
    const std::size_t start = nodes.size();
    for (const std::uint32_t bucket : row.buckets)
      if (ratios[bucket] != 0)
        nodes.push_back({static_cast<int>(bucket) + 1, ratios[bucket]});
    const auto known = static_cast<double>(nodes.size() - start);
    if (known == 0)
      continue;
    for (std::size_t i = start; i < nodes.size(); ++i)
      nodes[i].value /= std::sqrt(known);
    nodes.push_back({bias_index, 1});
    nodes.push_back({-1, 0});
    starts.push_back(nodes.data() + start); // stays valid: nodes has its full capacity
    targets.push_back(row.positive ? 1 : -1);
  }
  linear_fit fit{std::vector<float>(options.features), 0};
  if (starts.empty())
    return fit;

  const problem task{static_cast<int>(starts.size()), bias_index, targets.data(), starts.data(), 1};
  parameter how{};
  how.solver_type = L2R_LR; // the primal solver draws no random numbers: the same rows give the same model
  how.eps = 0.1;            // a tighter stop changes no figure
  how.C = options.cost;
  int weighted_label = 1;
  double weight = options.positive_weight;
  how.nr_weight = 1;
  how.weight_label = &weighted_label;
  how.weight = &weight;
  const auto release = [](::model* m) { free_and_destroy_model(&m); };
  const std::unique_ptr<::model, decltype(release)> solved(::train(&task, &how), release);
  const double sign = solved->label[0] > 0 ? 1 : -1; // the first label seen is liblinear's positive class
  for (std::size_t i = 0; i < options.features; ++i)
    fit.weights[i] = static_cast<float>(sign * solved->w[i]) * ratios[i];
  fit.bias = static_cast<float>(sign * solved->w[options.features]);
  return fit;
}

} // namespace weir::reviews
