#pragma once

// Chance that falls the same way on every machine: the 64-bit Mersenne Twister and the distributions of
// Boost.Random, whose results are specified (those of std are not). Owning thread only.

#include <cstdint>
#include <vector>

#include <boost/random/discrete_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>

namespace weir::reviews {

/// Draws the place of a weight, in proportion to it. Integer weights, so that no rounding decides.
using weights = boost::random::discrete_distribution<std::uint32_t, std::uint32_t>;

class dice {
 public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  /// 0 to n - 1, each as likely; n > 0.
  std::uint32_t below(std::uint32_t n) {
    // The high half of n * 2^32 values falls on each result equally often but for one part in 2^32 / n:
    // far below what a million reviews could show, and it costs no division.
    return static_cast<std::uint32_t>(((engine_() >> 32U) * n) >> 32U);
  }
  bool percent(std::uint32_t share) { return below(100) < share; }
  std::uint32_t weighted(const weights& by) { return by(engine_); }
  /// One of them; must not be empty.
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(static_cast<std::uint32_t>(from.size()))];
  }

 private:
  boost::random::mt19937_64 engine_;
};

} // namespace weir::reviews
