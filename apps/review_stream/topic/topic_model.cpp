#include <apps/review_stream/topic/topic_model.hpp>

#include <algorithm>
#include <apps/review_stream/learning/calibration.hpp>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <set>
#include <utility>
#include <weir/base/hash.hpp>

namespace weir::reviews {

topic_model::topic_model(std::vector<topic_class> classes, topic_weights weights, topic_parameters parameters,
                         std::string description)
    : classes_(std::move(classes)), weights_(std::move(weights)), row_of_(feature_count, no_row),
      parameters_(parameters), description_(std::move(description)) {
  weights_.steps.resize(weights_.buckets.size() * classes_.size()); // every row can be read without a check
  for (std::size_t row = 0; row < weights_.buckets.size(); ++row)
    row_of_[weights_.buckets[row] % feature_count] = static_cast<std::uint32_t>(row);
  std::uint64_t content = hash_bytes(weights_.steps.data(), weights_.steps.size());
  content = mix_ordinal(content, hash_bytes(weights_.buckets.data(),
                                            weights_.buckets.size() * sizeof weights_.buckets.front()));
  content = mix_ordinal(content, std::bit_cast<std::uint32_t>(parameters_.floor));
  content = mix_ordinal(content, std::bit_cast<std::uint32_t>(parameters_.sharpness));
  for (const topic_class& c : classes_) {
    content = mix_ordinal(content, hash_bytes(c.name));
    for (const float f : {c.scale, c.bias, c.slope, c.offset})
      content = mix_ordinal(content, std::bit_cast<std::uint32_t>(f));
  }
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "topics-%08x", static_cast<unsigned>(content & 0xffffffffU));
  id_ = text.data();
}

std::vector<double> topic_model::margins(const feature_set& features) const {
  const auto known_word = [&](std::uint32_t bucket) { return knows(bucket); };
  if (std::ranges::none_of(features.all.first(features.words), known_word))
    return {};
  const std::size_t count = classes_.size();
  std::vector<std::int32_t> sums(count);
  std::vector<std::uint32_t> known(count);
  for (const std::uint32_t bucket : features.all) {
    const std::uint32_t row = row_of_[bucket];
    if (row == no_row)
      continue;
    const std::int8_t* steps = weights_.steps.data() + row * count;
    for (std::size_t c = 0; c < count; ++c) {
      sums[c] += steps[c];
      known[c] += steps[c] != 0 ? 1 : 0;
    }
  }
  std::vector<double> out(count);
  for (std::size_t c = 0; c < count; ++c) {
    out[c] = classes_[c].bias;
    if (known[c] != 0)
      out[c] += classes_[c].scale * sums[c] / std::sqrt(static_cast<double>(known[c]));
  }
  return out;
}

std::vector<double> topic_model::probabilities(const feature_set& features) const {
  std::vector<double> p = margins(features);
  for (std::size_t c = 0; c < p.size(); ++c)
    p[c] = classes_[c].slope * p[c] + classes_[c].offset;
  to_probabilities(p, parameters_.sharpness);
  return p;
}

std::vector<topic> topic_model::topics_of(std::string_view title, std::string_view text,
                                          feature_extractor& scratch) const {
  const std::vector<double> p = probabilities(scratch.extract(title, text));
  std::vector<std::size_t> named;
  for (std::size_t c = 0; c < p.size(); ++c)
    if (p[c] >= parameters_.floor)
      named.push_back(c);
  if (named.empty() && !p.empty())
    named.push_back(static_cast<std::size_t>(std::ranges::max_element(p) - p.begin()));
  std::ranges::stable_sort(named, [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  std::vector<topic> out;
  for (const std::size_t c : named)
    out.push_back({classes_[c].name, p[c]});
  return out;
}

std::vector<topic_contribution> topic_model::evidence(std::size_t class_index, std::string_view title,
                                                      std::string_view text, feature_extractor& scratch,
                                                      std::size_t most) const {
  scratch.extract(title, text);
  std::vector<topic_contribution> parts;
  std::set<std::uint32_t> listed; // presence counts: an n-gram that comes again adds nothing
  for (named_feature& feature : scratch.names()) {
    if (!knows(feature.bucket) || !listed.insert(feature.bucket).second)
      continue;
    const std::int8_t step = weights_.steps[row_of_[feature.bucket] * classes_.size() + class_index];
    if (step != 0)
      parts.push_back({std::move(feature.name), static_cast<float>(step)});
  }
  const topic_class& c = classes_[class_index];
  for (topic_contribution& part : parts)
    part.log_odds *= c.slope * c.scale / std::sqrt(static_cast<float>(parts.size()));
  std::ranges::sort(parts, [](const topic_contribution& a, const topic_contribution& b) {
    const float x = std::abs(a.log_odds);
    const float y = std::abs(b.log_odds);
    return x != y ? x > y : a.ngram < b.ngram;
  });
  parts.resize(std::min(parts.size(), most));
  return parts;
}

} // namespace weir::reviews
