#include <apps/review_stream/learning/calibration.hpp>
#include <array>
#include <cmath>
#include <cstdint>
#include <tests/support/catch.hpp>
#include <vector>

using namespace weir::reviews;

TEST_CASE("sharpness finds the power behind the labels") {
  // Three classes with fixed log odds; labels drawn in the proportions that the power 2 gives.
  const std::array<double, 3> log_odds{0.5, -0.5, -2};
  std::array<double, 3> p = log_odds;
  to_probabilities(p, 2);
  std::vector<float> values;
  std::vector<std::uint32_t> labels;
  for (std::uint32_t c = 0; c < 3; ++c)
    for (int i = 0; i < std::lround(10'000 * p[c]); ++i) {
      values.insert(values.end(), log_odds.begin(), log_odds.end());
      labels.push_back(c);
    }
  CHECK(fit_sharpness(values, labels) == Approx(2).epsilon(0.01));
  CHECK(fit_sharpness({}, {}) == 1);
}

TEST_CASE("probabilities sum to one however large the log odds are") {
  std::array<double, 3> p{-5000, -6000, 9000};
  to_probabilities(p, 1);
  CHECK(p[2] == Approx(1));
  CHECK(p[0] == 0);
}
