#include <apps/review_stream/sentiment/model.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <weir/base/hash.hpp>

namespace weir::reviews {

sentiment_model::sentiment_model(sentiment_parameters parameters, std::vector<std::int8_t> weights,
                                 std::string description)
    : parameters_(parameters), weights_(std::move(weights)), description_(std::move(description)) {
  weights_.resize(feature_count); // every bucket can be looked up without a check
  const std::uint64_t content =
      hash_bytes(weights_.data(), weights_.size()) ^ hash_bytes(&parameters_, sizeof parameters_);
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "sentiment-%08x", static_cast<unsigned>(content & 0xffffffffU));
  id_ = text.data();
}

sentiment_model::tally sentiment_model::count(const feature_set& features) const noexcept {
  tally counts;
  const auto add = [&](std::uint32_t bucket) {
    const std::int32_t weight = weights_[bucket];
    counts.sum += weight;
    counts.known += weight != 0 ? 1 : 0;
  };
  for (const std::uint32_t bucket : features.all.first(features.words))
    add(bucket);
  counts.known_words = counts.known;
  for (const std::uint32_t bucket : features.all.subspan(features.words))
    add(bucket);
  return counts;
}

float sentiment_model::margin(const tally& counts) const noexcept {
  if (counts.known == 0)
    return 0;
  const auto sum = static_cast<float>(counts.sum) * parameters_.scale;
  return sum / std::sqrt(static_cast<float>(counts.known)) + parameters_.bias;
}

float sentiment_model::margin(const feature_set& features) const noexcept { return margin(count(features)); }

judgement sentiment_model::judge(const feature_set& features) const noexcept {
  const tally counts = count(features);
  if (counts.known == 0)
    return {};
  const float log_odds = parameters_.slope * margin(counts) + parameters_.offset;
  const float score = std::tanh(log_odds / 2); // = 2 P(positive) - 1
  const float strength = std::abs(score);
  const auto coverage_needed = parameters_.min_coverage * static_cast<float>(features.words);
  const bool sparse = counts.known_words == 0 || static_cast<float>(counts.known_words) < coverage_needed;
  if (sparse && strength < parameters_.sparse_score)
    return {};
  sentiment_label label = score > 0 ? sentiment_label::positive : sentiment_label::negative;
  if (strength < parameters_.neutral_band)
    label = sentiment_label::neutral;
  return {label, score, (1 + strength) / 2};
}

judgement sentiment_model::judge(std::string_view title, std::string_view text,
                                 feature_extractor& scratch) const {
  return judge(scratch.extract(title, text));
}

std::vector<contribution> sentiment_model::explain(std::string_view title, std::string_view text,
                                                   feature_extractor& scratch) const {
  const tally counts = count(scratch.extract(title, text));
  if (counts.known == 0)
    return {};
  const float unit = parameters_.slope * parameters_.scale / std::sqrt(static_cast<float>(counts.known));
  std::vector<contribution> parts;
  std::vector<std::uint32_t> listed; // presence counts: an n-gram that comes again adds nothing
  for (named_feature& feature : scratch.names()) {
    const std::int8_t weight = weights_[feature.bucket];
    if (weight == 0 || std::ranges::find(listed, feature.bucket) != listed.end())
      continue;
    listed.push_back(feature.bucket);
    parts.push_back({std::move(feature.name), unit * static_cast<float>(weight)});
  }
  std::ranges::stable_sort(parts, std::ranges::greater{},
                           [](const contribution& c) { return std::abs(c.log_odds); });
  return parts;
}

} // namespace weir::reviews
