#include "mien/eval/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "mien/core/error.hpp"

namespace mien::eval {
namespace {

/// The number of classes, once values and labels are known to fit.
std::size_t class_count(std::span<const float> values, std::span<const std::uint8_t> labels) {
  if (labels.empty() || values.empty() || values.size() % labels.size() != 0) {
    throw ArgumentError("[calibration] " + std::to_string(values.size()) + " values for " +
                        std::to_string(labels.size()) + " labels");
  }
  const std::size_t classes = values.size() / labels.size();
  const std::uint8_t largest = *std::max_element(labels.begin(), labels.end());
  if (largest >= classes) {
    throw ArgumentError("[calibration] label " + std::to_string(largest) + ", there are " +
                        std::to_string(classes) + " classes");
  }
  return classes;
}

void check_temperature(double temperature) {
  if (!(temperature > 0)) throw ArgumentError("[calibration] the temperature must be above 0");
}

/// log(sum(exp(row / temperature))). The largest logit is taken off first, so that nothing overflows.
double log_sum_exp(std::span<const float> row, double temperature) {
  const double largest = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (const float logit : row) sum += std::exp((double{logit} - largest) / temperature);
  return std::log(sum) + largest / temperature;
}

}  // namespace

double negative_log_likelihood(std::span<const float> logits, std::span<const std::uint8_t> labels,
                               double temperature) {
  const std::size_t classes = class_count(logits, labels);
  check_temperature(temperature);
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * classes, classes);
    sum += log_sum_exp(row, temperature) - double{row[labels[i]]} / temperature;
  }
  return sum / static_cast<double>(labels.size());
}

std::vector<float> calibrated(std::span<const float> logits, std::span<const std::uint8_t> labels,
                              double temperature) {
  const std::size_t classes = class_count(logits, labels);
  check_temperature(temperature);
  std::vector<float> result;
  result.reserve(logits.size());
  for (std::size_t begin = 0; begin < logits.size(); begin += classes) {
    const auto row = logits.subspan(begin, classes);
    const double total = log_sum_exp(row, temperature);
    for (const float logit : row) {
      result.push_back(static_cast<float>(std::min(1.0, std::exp(double{logit} / temperature - total))));
    }
  }
  return result;
}

// The loss is convex in 1/T, so it falls and then rises in log T as well: golden-section search finds its least
// value without derivatives. Each step keeps 1/phi of the interval.
float fit_temperature(std::span<const float> logits, std::span<const std::uint8_t> labels) {
  (void)class_count(logits, labels);
  if (!std::all_of(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); })) {
    throw ArgumentError("[calibration] the logits are not finite");
  }
  const auto loss = [&](double log_t) { return negative_log_likelihood(logits, labels, std::exp(log_t)); };
  const double kept = (std::sqrt(5.0) - 1) / 2;
  constexpr double kTolerance = 1e-6;
  double low = std::log(kLeastTemperature), high = std::log(kLargestTemperature);
  double a = high - kept * (high - low), b = low + kept * (high - low);
  double loss_a = loss(a), loss_b = loss(b);
  while (high - low > kTolerance) {
    if (loss_a < loss_b) {
      high = b;
      b = a;
      loss_b = loss_a;
      a = high - kept * (high - low);
      loss_a = loss(a);
    } else {
      low = a;
      a = b;
      loss_a = loss_b;
      b = low + kept * (high - low);
      loss_b = loss(b);
    }
  }
  return static_cast<float>(std::exp((low + high) / 2));
}

std::vector<CalibrationBin> calibration_bins(std::span<const float> probabilities,
                                             std::span<const std::uint8_t> labels, int bins) {
  const std::size_t classes = class_count(probabilities, labels);
  if (bins < 1) throw ArgumentError("[calibration] " + std::to_string(bins) + " bins");
  std::vector<CalibrationBin> result(static_cast<std::size_t>(bins));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.subspan(i * classes, classes);
    const auto top = std::max_element(row.begin(), row.end());
    if (!(*top >= 0 && *top <= 1)) return {};
    CalibrationBin& bin = result[static_cast<std::size_t>(std::max(0.0, std::ceil(double{*top} * bins) - 1))];
    bin.count += 1;
    bin.right += top - row.begin() == labels[i] ? 1 : 0;
    bin.probability_sum += double{*top};
  }
  return result;
}

double expected_calibration_error(std::span<const float> probabilities, std::span<const std::uint8_t> labels,
                                  int bins) {
  const std::vector<CalibrationBin> sorted = calibration_bins(probabilities, labels, bins);
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  // |right / count - sum / count| * count / all rows: the counts cancel.
  double error = 0;
  for (const CalibrationBin& bin : sorted) error += std::fabs(bin.right - bin.probability_sum);
  return error / static_cast<double>(labels.size());
}

}  // namespace mien::eval
