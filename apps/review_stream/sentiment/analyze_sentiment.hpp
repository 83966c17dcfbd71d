#pragma once

// The node `analyze_sentiment`: a review in; the same with the language of its text and what its author felt.

#include <apps/review_stream/knowledge/knowledge.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>
#include <weir/resource/cache.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace weir::reviews {

/// What a text says for itself, whoever wrote it about whatever.
struct text_findings {
  std::string language;
  weir::reviews::sentiment sentiment;
};

/// A text but for case, spaces, markup and signs, as a 128-bit hash with the model and the declared language
/// mixed in: a new model finds anew.
struct findings_key {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const findings_key&, const findings_key&) = default;
};
struct findings_key_hash {
  std::size_t operator()(const findings_key& key) const noexcept { return key.low; }
};
using findings_cache = cache<findings_key, text_findings, findings_key_hash>;

/// A callable for `map`. Copies share knowledge and cache. Thread-safe.
class analyze_sentiment {
 public:
  /// `known` remembers findings; null = nothing is remembered.
  analyze_sentiment(std::shared_ptr<const knowledge> from, std::shared_ptr<findings_cache> known)
      : knowledge_(std::move(from)), known_(std::move(known)) {}

  result<judged_review> operator()(const review& r) const;

 private:
  std::shared_ptr<const knowledge> knowledge_;
  std::shared_ptr<findings_cache> known_;
};

} // namespace weir::reviews
