#pragma once

// Which part of the rows a review belongs to, when one part judges what the others taught.

#include <apps/review_stream/text/features.hpp>
#include <weir/base/hash.hpp>

namespace weir::reviews {

/// The fold of a review, by the hash of its normalised text: equal texts share a fold.
inline unsigned fold_of(const feature_extractor& extracted, unsigned folds) noexcept {
  return static_cast<unsigned>(hash_bytes(extracted.tokens().normalised()) / 7 % folds);
}

} // namespace weir::reviews
