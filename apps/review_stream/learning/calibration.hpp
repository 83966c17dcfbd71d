#pragma once

// From margins to probabilities, and how far those are off.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::reviews {

/// A margin from a model that did not train on its row, and whether the row is positive.
struct held_out {
  double margin = 0;
  bool positive = false;
  double weight = 1; ///< how many rows it stands for
};

/// P(positive) = 1 / (1 + exp(-(slope * margin + offset))).
struct calibration {
  double slope = 1;
  double offset = 0;
};

/// Platt scaling (Platt 1999, with the targets and the guarded Newton steps of Lin, Lin and Weng 2007).
/// Identity when there are fewer than ten rows or only one class.
calibration fit_platt(std::span<const held_out> rows);

/// P(c) is proportional to odds(c)^sharpness, odds(c) = 1 / (1 + exp(-log_odds(c))): the power for which the
/// labels are most likely, 0.2 to 5. `log_odds` holds as many values a row as there are classes, `labels` the
/// right class of each row. 1 when there are fewer than ten rows.
double fit_sharpness(std::span<const float> log_odds, std::span<const std::uint32_t> labels);

/// The P(c) above, in place of the log odds.
void to_probabilities(std::span<double> log_odds, double sharpness);

/// A prediction's confidence in the class it named, and whether that was right.
struct prediction {
  double confidence = 0;
  bool correct = false;
};

/// The predictions whose confidence is from `from` on and below `to` (1 is in the last bin).
struct calibration_bin {
  double from = 0;
  double to = 0;
  std::size_t rows = 0;
  double confidence = 0; ///< mean
  double accuracy = 0;
};

/// All bins of equal width, empty ones too.
std::vector<calibration_bin> calibration_table(std::span<const prediction> predictions,
                                               std::size_t bins = 10);

/// Expected calibration error: |accuracy - mean confidence| over equal-width bins, weighted by rows.
double calibration_error(std::span<const prediction> predictions, std::size_t bins = 15);

} // namespace weir::reviews
