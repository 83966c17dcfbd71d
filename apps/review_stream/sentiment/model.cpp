#include <apps/review_stream/sentiment/model.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <weir/base/hash.hpp>

namespace weir::reviews {

namespace {

const word_list_part::entry* find(const word_list_part& lists, std::uint32_t bucket) noexcept {
  const auto found = std::ranges::lower_bound(lists.entries, bucket, {}, &word_list_part::entry::bucket);
  return found == lists.entries.end() || found->bucket != bucket ? nullptr : &*found;
}

} // namespace

sentiment_model::sentiment_model(sentiment_parameters parameters, std::vector<std::int8_t> weights,
                                 word_list_part lists, std::string description)
    : parameters_(parameters), weights_(std::move(weights)), lists_(std::move(lists)),
      description_(std::move(description)) {
  weights_.resize(feature_count); // every bucket can be looked up without a check
  listed_.resize(feature_count);
  for (const word_list_part::entry& e : lists_.entries)
    listed_[e.bucket % feature_count] = true;
  std::uint64_t content =
      hash_bytes(weights_.data(), weights_.size()) ^ hash_bytes(&parameters_, sizeof parameters_);
  for (const word_list_part::entry& e : lists_.entries)
    content = mix_ordinal(content, (std::uint64_t{e.bucket} << 8U) + static_cast<std::uint8_t>(e.weight));
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

bool sentiment_model::sparse(const tally& counts, const feature_set& features) const noexcept {
  const float needed = parameters_.min_coverage * static_cast<float>(features.words);
  return counts.known_words == 0 || static_cast<float>(counts.known_words) < needed;
}

bool sentiment_model::list_log_odds(const feature_set& features, float& log_odds) const noexcept {
  std::int32_t sum = 0;
  int known = 0;
  for (const std::uint32_t bucket : features.all) {
    const auto* entry = listed_[bucket] ? find(lists_, bucket) : nullptr;
    if (entry == nullptr)
      continue;
    sum += entry->weight;
    ++known;
  }
  if (known == 0)
    return false;
  log_odds = lists_.gain * static_cast<float>(sum) / std::sqrt(static_cast<float>(known)) + lists_.offset;
  return true;
}

bool sentiment_model::by_word_lists(const feature_set& features) const noexcept {
  return !lists_.entries.empty() && sparse(count(features), features);
}

judgement sentiment_model::judge(const feature_set& features) const noexcept {
  const tally counts = count(features);
  if (counts.known == 0)
    return {};
  const bool little = sparse(counts, features);
  float log_odds = parameters_.slope * margin(counts) + parameters_.offset;
  if (little && !lists_.entries.empty() && !list_log_odds(features, log_odds))
    return {};
  const float score = std::tanh(log_odds / 2); // = 2 P(positive) - 1
  const float strength = std::abs(score);
  if (little && strength < parameters_.sparse_score)
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
  const feature_set features = scratch.extract(title, text);
  const tally counts = count(features);
  const bool by_lists = !lists_.entries.empty() && sparse(counts, features);
  std::vector<contribution> parts;
  std::vector<std::uint32_t> listed; // presence counts: an n-gram that comes again adds nothing
  for (named_feature& feature : scratch.names()) {
    const auto* entry = by_lists ? find(lists_, feature.bucket) : nullptr;
    const std::int8_t list_weight = entry == nullptr ? std::int8_t{0} : entry->weight;
    const std::int8_t weight = by_lists ? list_weight : weights_[feature.bucket];
    if (weight == 0 || std::ranges::find(listed, feature.bucket) != listed.end())
      continue;
    listed.push_back(feature.bucket);
    parts.push_back({std::move(feature.name), static_cast<float>(weight)});
  }
  const float unit = by_lists ? lists_.gain : parameters_.slope * parameters_.scale;
  for (contribution& part : parts)
    part.log_odds *= unit / std::sqrt(static_cast<float>(parts.size()));
  std::ranges::sort(parts, [](const contribution& a, const contribution& b) {
    const float x = std::abs(a.log_odds);
    const float y = std::abs(b.log_odds);
    return x != y ? x > y : a.ngram < b.ngram;
  });
  return parts;
}

} // namespace weir::reviews
