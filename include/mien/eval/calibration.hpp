// Whether a classifier is right as often as it says: temperature scaling and its measures (Guo, Pleiss, Sun,
// Weinberger: On Calibration of Modern Neural Networks, arXiv:1706.04599).
//
// In all of these the classes are values.size() / labels.size(), and values hold a row of that many for each
// label. Throw ArgumentError for no labels, values that are no whole number of rows, and a label that is not
// below the number of classes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mien::eval {

inline constexpr int kCalibrationBins = 15;

/// Where fit_temperature looks. Logits that are right about every label would be best at 0.
inline constexpr double kLeastTemperature = 0.05;
inline constexpr double kLargestTemperature = 20;

/// Mean of -log softmax(logits / temperature)[label], in double. This and the next throw ArgumentError also for
/// a temperature that is not above 0.
double negative_log_likelihood(std::span<const float> logits, std::span<const std::uint8_t> labels,
                               double temperature = 1);

/// softmax(logits / temperature) of each row.
std::vector<float> calibrated(std::span<const float> logits, std::span<const std::uint8_t> labels,
                              double temperature);

/// The temperature with the least negative_log_likelihood, to five digits. Dividing all logits by one number
/// changes no ranking, so the accuracy stays. Throws ArgumentError also for logits that are not finite.
float fit_temperature(std::span<const float> logits, std::span<const std::uint8_t> labels);

/// Of the rows whose most probable class has a probability within the bin.
struct CalibrationBin {
  double count = 0;
  double right = 0;            ///< how many of them are
  double probability_sum = 0;  ///< of their most probable classes
};

/// Rows are sorted by the probability of their most probable class into `bins` bins of equal width, (0, 1/bins]
/// and so on. Ties go to the class with the smaller number. Empty when a row's largest is not in 0 .. 1. Throws
/// ArgumentError also for bins < 1.
std::vector<CalibrationBin> calibration_bins(std::span<const float> probabilities,
                                             std::span<const std::uint8_t> labels, int bins = kCalibrationBins);

/// The mean, 0 .. 1, over the rows of |share that is right - mean probability| of a row's bin; NaN where there
/// are no calibration_bins. Throws as these do.
double expected_calibration_error(std::span<const float> probabilities, std::span<const std::uint8_t> labels,
                                  int bins = kCalibrationBins);

}  // namespace mien::eval
