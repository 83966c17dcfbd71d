#pragma once

// The features of a review: which words and pairs of neighbouring words it holds, as hashed buckets.
//
// A feature is the XXH3-64 of a token or of two tokens with a space between, cut to `feature_bits`. Presence
// counts, not frequency. The hash and the width are part of the model file's version.
//
// Thread-safety: an extractor belongs to one thread at a time; it keeps 128 KiB and allocates nothing once
// warm.

#include <apps/review_stream/sentiment/tokens.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weir::reviews {

inline constexpr unsigned feature_bits = 20;
inline constexpr std::size_t feature_count = std::size_t{1} << feature_bits;

/// The bucket of an n-gram as tokenizer::range() spells it.
std::uint32_t feature_of(std::string_view ngram) noexcept;

/// Distinct buckets, the words' first, then those of signs and pairs. Valid until the extractor's next call.
struct feature_set {
  std::span<const std::uint32_t> all;
  std::size_t words = 0; ///< how many of `all` come from single words (not signs, not pairs)
};

class feature_extractor {
 public:
  feature_extractor();

  /// The features of a review; the title counts as the start of the text and may be empty.
  feature_set extract(std::string_view title, std::string_view text);
  feature_set extract(std::string_view text) { return extract({}, text); }

  /// The tokens behind the last extract().
  const tokenizer& tokens() const noexcept { return tokens_; }

 private:
  void add(std::uint32_t bucket);

  tokenizer tokens_;
  std::vector<std::uint32_t> buckets_;
  std::vector<std::uint64_t> seen_; // a bit a bucket; all zero between calls
};

} // namespace weir::reviews
