#include <apps/review_stream/learning/quantise.hpp>

#include <algorithm>
#include <cmath>

namespace weir::reviews {

quantised quantise(std::span<const float> weights) {
  float largest = 0;
  for (const float w : weights)
    largest = std::max(largest, std::abs(w));
  quantised out{largest > 0 ? largest / 127 : 1, std::vector<std::int8_t>(weights.size())};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float w = weights[i];
    if (w == 0)
      continue;
    const auto steps = static_cast<std::int8_t>(std::lround(w / out.scale));
    out.weights[i] = steps != 0 ? steps : static_cast<std::int8_t>(w > 0 ? 1 : -1);
  }
  return out;
}

} // namespace weir::reviews
