#pragma once

// The features of a review: which words and pairs of neighbouring words it holds, as hashed buckets.
//
// - every token, and every two neighbouring tokens with a space between
// - a word among the three after a negation ("not", "didn't", "nicht", "nunca", "不") a second time, marked
// as negated,
//   until a sign or a "but" ends the negation
// - a word of the title a second time, marked as the title's
//
// A feature is the XXH3-64 of its tokens (mixed with its mark), cut to `feature_bits`. Presence counts, not
// frequency. All of this is part of the model file's version.
//
// Thread-safety: an extractor belongs to one thread at a time; it keeps 128 KiB and allocates nothing once
// warm.

#include <apps/review_stream/text/tokens.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

inline constexpr unsigned feature_bits = 20;
inline constexpr std::size_t feature_count = std::size_t{1} << feature_bits;

/// Distinct buckets, the words' first, then those of everything else. Valid until the extractor's next call.
struct feature_set {
  std::span<const std::uint32_t> all;
  std::size_t words = 0; ///< how many of `all` come from single unmarked words
};

/// A feature in words: "good", "very good", "(not) good", "(title) good".
struct named_feature {
  std::string name;
  std::uint32_t bucket = 0;
};

class feature_extractor {
 public:
  feature_extractor();

  /// The features of a review; the title counts as the start of the text and may be empty.
  feature_set extract(std::string_view title, std::string_view text);
  feature_set extract(std::string_view text) { return extract({}, text); }

  /// The features behind the last extract(), with repetitions. Slow: for people.
  std::vector<named_feature> names() const;

  /// The tokens behind the last extract().
  const tokenizer& tokens() const noexcept { return tokens_; }

 private:
  void add(std::uint32_t bucket);

  tokenizer tokens_;
  std::size_t title_tokens_ = 0;
  std::vector<std::uint64_t> hashes_; // of each token
  std::vector<std::uint32_t> buckets_;
  std::vector<std::uint64_t> seen_; // a bit a bucket; all zero between calls
};

} // namespace weir::reviews
