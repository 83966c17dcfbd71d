#include <apps/review_stream/learning/calibration.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace weir::reviews {

calibration fit_platt(std::span<const held_out> rows) {
  double positives = 0;
  double negatives = 0;
  for (const held_out& row : rows)
    (row.positive ? positives : negatives) += row.weight;
  if (rows.size() < 10 || positives == 0 || negatives == 0)
    return {};
  const double high = (positives + 1) / (positives + 2);
  const double low = 1 / (negatives + 2);

  const auto loss = [&](const calibration& c) {
    double sum = 0;
    for (const held_out& row : rows) {
      const double z = c.slope * row.margin + c.offset;
      const double target = row.positive ? high : low;
      sum += row.weight * (std::log1p(std::exp(-std::abs(z))) + std::max(z, 0.0) - target * z);
    }
    return sum;
  };

  calibration now;
  double best = loss(now);
  for (int step = 0; step < 100; ++step) {
    constexpr double ridge = 1e-10;
    double g_slope = 0;
    double g_offset = 0;
    double h_ss = ridge;
    double h_so = 0;
    double h_oo = ridge;
    for (const held_out& row : rows) {
      const double p = 1 / (1 + std::exp(-(now.slope * row.margin + now.offset)));
      const double gap = row.weight * (p - (row.positive ? high : low));
      const double curve = row.weight * p * (1 - p);
      g_slope += gap * row.margin;
      g_offset += gap;
      h_ss += curve * row.margin * row.margin;
      h_so += curve * row.margin;
      h_oo += curve;
    }
    if (std::abs(g_slope) < 1e-6 && std::abs(g_offset) < 1e-6)
      break;
    const double determinant = h_ss * h_oo - h_so * h_so;
    const double d_slope = -(h_oo * g_slope - h_so * g_offset) / determinant;
    const double d_offset = -(h_ss * g_offset - h_so * g_slope) / determinant;
    double length = 1;
    for (; length > 1e-8; length /= 2) {
      const calibration next{now.slope + length * d_slope, now.offset + length * d_offset};
      const double value = loss(next);
      if (value < best) {
        now = next;
        best = value;
        break;
      }
    }
    if (length <= 1e-8)
      break;
  }
  return now;
}

namespace {

// log(1 / (1 + exp(-z)))
double log_sigmoid(double z) { return std::min(z, 0.0) - std::log1p(std::exp(-std::abs(z))); }

// exp(sharpness * values) with a sum of 1
void normalise(std::span<double> values, double sharpness) {
  const double most = values.empty() ? 0 : *std::ranges::max_element(values);
  double sum = 0;
  for (double& value : values)
    sum += value = std::exp(sharpness * (value - most));
  for (double& value : values)
    value /= sum;
}

} // namespace

void to_probabilities(std::span<double> log_odds, double sharpness) {
  for (double& z : log_odds)
    z = log_sigmoid(z);
  normalise(log_odds, sharpness);
}

double fit_sharpness(std::span<const float> log_odds, std::span<const std::uint32_t> labels) {
  if (labels.size() < 10)
    return 1;
  const std::size_t classes = log_odds.size() / labels.size();
  std::vector<double> logs(classes);
  std::vector<double> p;
  double sharpness = 1;
  for (int step = 0; step < 30; ++step) { // Newton: the loss is convex
    double slope = 0;
    double curve = 1e-9;
    for (std::size_t row = 0; row < labels.size(); ++row) {
      for (std::size_t c = 0; c < classes; ++c)
        logs[c] = log_sigmoid(log_odds[row * classes + c]);
      p = logs;
      normalise(p, sharpness);
      double mean = 0;
      double square = 0;
      for (std::size_t c = 0; c < classes; ++c) {
        mean += p[c] * logs[c];
        square += p[c] * logs[c] * logs[c];
      }
      slope += mean - logs[labels[row]];
      curve += std::max(0.0, square - mean * mean);
    }
    const double next = std::clamp(sharpness - std::clamp(slope / curve, -0.5, 0.5), 0.2, 5.0);
    if (std::abs(next - sharpness) < 1e-4)
      return next;
    sharpness = next;
  }
  return sharpness;
}

std::vector<calibration_bin> calibration_table(std::span<const prediction> predictions, std::size_t bins) {
  std::vector<calibration_bin> table(bins);
  const auto width = static_cast<double>(bins);
  for (std::size_t i = 0; i < bins; ++i)
    table[i] = {static_cast<double>(i) / width, static_cast<double>(i + 1) / width, 0, 0, 0};
  for (const prediction& p : predictions) {
    const auto at = static_cast<std::size_t>(std::clamp(p.confidence, 0.0, 1.0) * width);
    calibration_bin& b = table[std::min(at, bins - 1)];
    ++b.rows;
    b.confidence += p.confidence;
    b.accuracy += p.correct ? 1 : 0;
  }
  for (calibration_bin& b : table) {
    const double rows = b.rows == 0 ? 1 : static_cast<double>(b.rows);
    b.confidence /= rows;
    b.accuracy /= rows;
  }
  return table;
}

double calibration_error(std::span<const prediction> predictions, std::size_t bins) {
  double error = 0;
  for (const calibration_bin& b : calibration_table(predictions, bins))
    error += static_cast<double>(b.rows) * std::abs(b.accuracy - b.confidence);
  return predictions.empty() ? 0 : error / static_cast<double>(predictions.size());
}

} // namespace weir::reviews
