#include "mien/reader/smoothing.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "support/catch.hpp"

using mien::reader::ExpressionSmoother;
using mien::reader::SmoothingOptions;

namespace {

const std::vector<float> kFirst = {0.8f, 0.1f, 0.1f}, kSecond = {0.1f, 0.8f, 0.1f};

// The time after a change from kFirst to kSecond at which the second class is shown.
double time_to_change(double frames_per_second, const SmoothingOptions& options = {}) {
  ExpressionSmoother smoother(options);
  for (int frame = 0;; ++frame) {
    const double time = frame / frames_per_second;
    smoother.update(time < 2 ? kFirst : kSecond, time);
    if (smoother.shown() == 1) return time - 2;
    REQUIRE(time < 10);
  }
}

}  // namespace

TEST_CASE("the first probabilities are taken as they are") {
  ExpressionSmoother smoother;
  CHECK_THROWS_WITH(smoother.shown(), "[smoothing] nothing to show before the first update");
  const auto averages = smoother.update(kSecond, -5);
  CHECK(std::vector<float>(averages.begin(), averages.end()) == kSecond);
  CHECK(smoother.shown() == 1);
}

TEST_CASE("averages of probabilities follow an exponential") {
  ExpressionSmoother smoother({.time_constant = 0.5});
  smoother.update(kFirst, 0);
  const auto averages = smoother.update(kSecond, 0.5);
  const double rest = std::exp(-1.0);
  CHECK(double{averages[0]} == Approx(0.1 + 0.7 * rest));
  CHECK(double{averages[1]} == Approx(0.8 - 0.7 * rest));
  CHECK(double{averages[2]} == Approx(0.1));
}

TEST_CASE("flicker between two classes never changes the shown one") {
  for (const int frames_each : {1, 2, 3}) {
    ExpressionSmoother smoother;
    for (int frame = 0; frame < 600; ++frame) {
      smoother.update(frame / frames_each % 2 == 0 ? kFirst : kSecond, frame / 30.0);
      REQUIRE(smoother.shown() == 0);
    }
  }
}

TEST_CASE("a change that lasts is shown when the averages and the hold say so") {
  // The averages are 0.1 + 0.7 e and 0.8 - 0.7 e with e = exp(-t / 0.3): 0.1 apart at t = 0.3 ln(1.4 / 0.6).
  const double expected = 0.3 * std::log(1.4 / 0.6) + 0.25;
  CHECK(time_to_change(30) == Approx(expected).margin(2.1 / 30));
  CHECK(time_to_change(30, {.time_constant = 0, .margin = 0, .hold = 0}) == Approx(0).margin(1e-9));
  CHECK(time_to_change(30, {.time_constant = 0, .hold = 1}) == Approx(1).margin(1.1 / 30));
}

TEST_CASE("the rate of the frames matters by little more than a frame") {
  for (const double rate : {10.0, 15.0, 60.0, 240.0}) {
    CHECK(time_to_change(rate) == Approx(time_to_change(1000)).margin(2.1 / rate));
  }
  std::vector<float> ends;
  for (const int steps : {1, 7, 100}) {
    ExpressionSmoother smoother;
    smoother.update(kFirst, 0);
    for (int i = 1; i < steps; ++i) smoother.update(kSecond, 0.4 * i / steps);
    ends.push_back(smoother.update(kSecond, 0.4)[1]);
  }
  CHECK(double{ends[1]} == Approx(double{ends[0]}));
  CHECK(double{ends[2]} == Approx(double{ends[0]}));
}

TEST_CASE("less than the margin changes nothing, however long it lasts") {
  ExpressionSmoother smoother;
  smoother.update(std::vector<float>{0.6f, 0.4f}, 0);
  for (int frame = 1; frame < 300; ++frame) smoother.update(std::vector<float>{0.46f, 0.54f}, frame / 30.0);
  CHECK(smoother.shown() == 0);
}

TEST_CASE("the hold begins anew after a break, and counts for each class on its own") {
  const SmoothingOptions options{.time_constant = 0, .hold = 1};
  const std::vector<float> third = {0.1f, 0.3f, 0.6f};
  ExpressionSmoother smoother(options);
  smoother.update(kFirst, 0);
  smoother.update(kSecond, 1);
  smoother.update(kFirst, 1.5);
  smoother.update(kSecond, 2);
  smoother.update(kSecond, 2.5);
  CHECK(smoother.shown() == 0);
  smoother.update(third, 2.6);  // the second class is still ahead of the first
  CHECK(smoother.shown() == 0);
  smoother.update(third, 3);
  CHECK(smoother.shown() == 1);
  smoother.update(third, 3.5);
  smoother.update(third, 4);
  CHECK(smoother.shown() == 1);
  smoother.update(third, 4.5);
  CHECK(smoother.shown() == 2);
}

TEST_CASE("a smoother refuses bad input, which changes nothing") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(ExpressionSmoother({.time_constant = -1}),
                    "[smoothing] time_constant is -1, expected 0 to 60");
  CHECK_THROWS_WITH(ExpressionSmoother({.margin = 1.5}), "[smoothing] margin is 1.5, expected 0 to 1");
  CHECK_THROWS_WITH(ExpressionSmoother({.hold = nan}), "[smoothing] hold is nan, expected 0 to 60");
  ExpressionSmoother smoother;
  const auto error = [&](const std::vector<float>& probabilities, double time) -> std::string {
    try {
      smoother.update(probabilities, time);
    } catch (const mien::ArgumentError& problem) {
      return problem.what();
    }
    return "no error";
  };
  CHECK(error({}, 0) == "[smoothing] no probabilities");
  CHECK(error({0.5f, std::nanf("")}, 0) == "[smoothing] a probability is nan");
  CHECK(error({0.5f, -0.5f}, 0) == "[smoothing] a probability is -0.5");
  CHECK(error({0.5f, 0.5f}, nan) == "[smoothing] the time is nan");
  CHECK(error({0.75f, 0.25f}, 1) == "no error");
  CHECK(error({0.5f}, 2) == "[smoothing] 1 probabilities after 2");
  CHECK(error({0.5f, 0.5f}, 1) == "[smoothing] time 1 is not after 1");
  CHECK(error({0.5f, 0.5f}, 0.5) == "[smoothing] time 0.5 is not after 1");
  CHECK(double{smoother.update(std::vector<float>{0.75f, 0.25f}, 1.5)[0]} == Approx(0.75));
}

TEST_CASE("without a time constant, of whatever sign its zero is, the last probabilities are what is given") {
  ExpressionSmoother smoother({.time_constant = -0.0});
  const std::vector<float> first = {0.75f, 0.25f}, second = {0.25f, 0.75f};
  smoother.update(first, 0);
  const auto given = smoother.update(second, 1);
  CHECK(std::vector<float>(given.begin(), given.end()) == second);
}
