#include "mien/eval/calibration.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "mien/core/error.hpp"
#include "support/catch.hpp"

using mien::ArgumentError;
using namespace mien::eval;
using Floats = std::vector<float>;
using Labels = std::vector<std::uint8_t>;

namespace {

struct Sample {
  Floats logits;
  Labels labels;
};

// Labels drawn from softmax(z); the logits given are z times `factor`, so that the temperature is that factor.
Sample drawn(int rows, int classes, float factor) {
  std::mt19937 engine(7);
  std::normal_distribution<float> normal(0.0f, 1.5f);
  Sample sample;
  for (int row = 0; row < rows; ++row) {
    std::vector<double> weights;
    for (int c = 0; c < classes; ++c) {
      const float z = normal(engine);
      sample.logits.push_back(z * factor);
      weights.push_back(std::exp(double{z}));
    }
    std::discrete_distribution<int> draw(weights.begin(), weights.end());
    sample.labels.push_back(static_cast<std::uint8_t>(draw(engine)));
  }
  return sample;
}

}  // namespace

TEST_CASE("the loss is the mean of -log softmax(logits / temperature) of the labels") {
  const Floats logits = {1, 2, 3, 0, 0, 0};
  const Labels labels = {2, 1};
  const double first = -std::log(std::exp(1.5) / (std::exp(0.5) + std::exp(1) + std::exp(1.5)));
  CHECK(negative_log_likelihood(logits, labels, 2) == Approx((first + std::log(3.0)) / 2));
  CHECK(negative_log_likelihood(Floats{1000, -1000}, Labels{1}) == Approx(2000));  // nothing overflows
  CHECK(negative_log_likelihood(Floats{1000, -1000}, Labels{0}) == Approx(0).margin(1e-12));
  const Floats p = calibrated(logits, labels, 2);
  CHECK(-std::log(double{p[2]}) == Approx(first));
  CHECK(double{p[4]} == Approx(1.0 / 3));
}

TEST_CASE("the temperature that logits were multiplied by is found again") {
  for (const float factor : {0.25f, 1.0f, 1.7f, 6.0f}) {
    const Sample s = drawn(20000, 7, factor);
    const float t = fit_temperature(s.logits, s.labels);
    INFO(factor << " " << t);
    CHECK(t == Approx(factor).epsilon(0.03));
    // No neighbor is better: it is where the loss is least, not near it.
    const double least = negative_log_likelihood(s.logits, s.labels, double{t});
    CHECK(least <= negative_log_likelihood(s.logits, s.labels, double{t} * 1.001));
    CHECK(least <= negative_log_likelihood(s.logits, s.labels, double{t} / 1.001));
    // What is drawn from its own probabilities is calibrated, up to the noise of so many rows.
    CHECK(expected_calibration_error(calibrated(s.logits, s.labels, double{t}), s.labels) < 0.015);
    if (factor == 6.0f) {
      CHECK(expected_calibration_error(calibrated(s.logits, s.labels, 1), s.labels) > 0.2);
    }
  }
}

TEST_CASE("a temperature without a least loss stops at the bounds") {
  CHECK(fit_temperature(Floats{1, 0, 0, 1}, Labels{0, 1}) == Approx(kLeastTemperature).epsilon(1e-4));
  CHECK(fit_temperature(Floats{1, 0, 0, 1}, Labels{1, 0}) == Approx(kLargestTemperature).epsilon(1e-4));
}

TEST_CASE("the calibration error is the gap of confidence and accuracy over bins") {
  // Bins of 1/15: 0.62 (two rows, one right) and 0.9 (one row, right).
  const Floats p = {0.62f, 0.38f, 0.62f, 0.38f, 0.1f, 0.9f};
  CHECK(expected_calibration_error(p, Labels{0, 1, 1}) == Approx((2 * 0.12 + 0.1) / 3));
  // Gaps of either sign in one bin cancel, in two bins they do not.
  const Floats two = {0.7f, 0.3f, 0.9f, 0.1f};
  CHECK(expected_calibration_error(two, Labels{0, 1}, 1) == Approx(std::fabs(1 - 0.7 - 0.9) / 2));
  CHECK(expected_calibration_error(two, Labels{0, 1}, 15) == Approx((0.3 + 0.9) / 2));
  // A bin holds its upper end: 0.5 and 0.4 are both in (0, 1/2].
  CHECK(expected_calibration_error(Floats{0.5f, 0.25f, 0.25f, 0.4f, 0.3f, 0.3f}, Labels{0, 1}, 2) ==
        Approx(0.1 / 2));
  CHECK(expected_calibration_error(Floats{1, 0}, Labels{0}) == 0);
  CHECK(expected_calibration_error(Floats{0, 0}, Labels{1}) == 0);
  CHECK(expected_calibration_error(Floats{0.5f, 0.5f}, Labels{0}, 1) == Approx(0.5));  // a tie: the first class
  CHECK(std::isnan(expected_calibration_error(Floats{std::nanf(""), 0}, Labels{0})));
  CHECK(std::isnan(expected_calibration_error(Floats{1.5f, 0}, Labels{0})));
}

TEST_CASE("calibration refuses what does not fit") {
  const Floats two = {0.25f, 0.75f};
  CHECK_THROWS_AS(expected_calibration_error(two, Labels{}), ArgumentError);
  CHECK_THROWS_AS(expected_calibration_error({}, Labels{0}), ArgumentError);
  CHECK_THROWS_AS(expected_calibration_error(two, Labels{2}), ArgumentError);
  CHECK_THROWS_AS(expected_calibration_error(two, Labels{1}, 0), ArgumentError);
  CHECK_THROWS_AS(fit_temperature(Floats{1, 2, 3}, Labels{0, 0}), ArgumentError);
  CHECK_THROWS_AS(fit_temperature(Floats{1, HUGE_VALF}, Labels{0}), ArgumentError);
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(negative_log_likelihood(two, Labels{0}, wrong), ArgumentError);
    CHECK_THROWS_AS(calibrated(two, Labels{0}, wrong), ArgumentError);
  }
}
