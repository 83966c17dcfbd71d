#pragma once

// One fit: rows of buckets in, a weight for each bucket out. The only file that sees liblinear.
// Thread-safe: fits may run at the same time.

#include <apps/review_stream/text/features.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::reviews {

/// A row to learn from. Its buckets are distinct.
struct example {
  std::span<const std::uint32_t> buckets;
  bool positive = false;
  bool keep = false; ///< its buckets get a weight however rare they are
};

struct fit_options {
  double strength = 0.5;
  double smoothing = 0.5;
  double cost = 12;
  unsigned min_count = 2;
  double positive_weight = 1; ///< how much a positive row's loss counts, against 1 for a negative one
  std::size_t features = feature_count; ///< buckets are below it
};

/// margin = sum of the buckets' weights / sqrt(buckets with a weight) + bias.
struct linear_fit {
  std::vector<float> weights; ///< options.features entries; exactly 0 for buckets without a weight
  float bias = 0;
};

linear_fit fit_linear(std::span<const example> rows, const fit_options& options);

} // namespace weir::reviews
