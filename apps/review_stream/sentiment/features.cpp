#include <apps/review_stream/sentiment/features.hpp>

#include <weir/base/hash.hpp>

namespace weir::reviews {
namespace {

// One of ! ? : ( ), the only tokens of one byte below '0' or between the digits and the letters.
bool is_sign(std::string_view token) noexcept {
  return token.size() == 1 && (token[0] < '0' || (token[0] > '9' && token[0] < 'a'));
}

} // namespace

std::uint32_t feature_of(std::string_view ngram) noexcept {
  return static_cast<std::uint32_t>(hash_bytes(ngram) & (feature_count - 1));
}

feature_extractor::feature_extractor() : seen_(feature_count / 64) {}

void feature_extractor::add(std::uint32_t bucket) {
  std::uint64_t& word = seen_[bucket / 64];
  const std::uint64_t bit = std::uint64_t{1} << (bucket % 64);
  if ((word & bit) != 0)
    return;
  word |= bit;
  buckets_.push_back(bucket);
}

feature_set feature_extractor::extract(std::string_view title, std::string_view text) {
  tokens_.clear();
  tokens_.append(title);
  tokens_.append(text);
  buckets_.clear();
  const std::size_t count = tokens_.size();
  for (std::size_t i = 0; i < count; ++i)
    if (!is_sign(tokens_[i]))
      add(feature_of(tokens_[i]));
  const std::size_t words = buckets_.size();
  for (std::size_t i = 0; i < count; ++i)
    if (is_sign(tokens_[i]))
      add(feature_of(tokens_[i]));
  for (std::size_t i = 1; i < count; ++i)
    add(feature_of(tokens_.range(i - 1, i)));
  for (const std::uint32_t bucket : buckets_)
    seen_[bucket / 64] = 0;
  return {buckets_, words};
}

} // namespace weir::reviews
