#pragma once

// Weights in eight bits.

#include <cstdint>
#include <span>
#include <vector>

namespace weir::reviews {

/// weight = scale * step. A weight that is not 0 keeps at least one step, because 0 means "never seen".
struct quantised {
  float scale = 1;
  std::vector<std::int8_t> weights;
};

quantised quantise(std::span<const float> weights);

} // namespace weir::reviews
