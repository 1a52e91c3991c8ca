// One face's expression over time: what a video shows instead of an answer that flickers with every frame.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mien/core/shape.hpp"

namespace mien::reader {

/// In seconds, but for `margin`.
struct SmoothingOptions {
  double time_constant = 0.3;  ///< after it 63 % of a change have come through; 0 .. 60, 0 smooths nothing
  double margin = 0.1;         ///< by how much another class must exceed the shown one, in probability; 0 .. 1
  double hold = 0.25;          ///< for how long it must do so in every update; 0 .. 60
};

/// Averages the probabilities of the classes exponentially over time, and shows the most probable class with
/// hysteresis: it changes only after another one's average has exceeded the shown one's by more than `margin`
/// for `hold` seconds. Times count, not frames, so that the rate of the frames matters little.
class ExpressionSmoother {
 public:
  /// Throws ArgumentError for options out of their range.
  explicit ExpressionSmoother(const SmoothingOptions& options = {});

  /// Takes the probabilities (one a class) seen at `time` (seconds from any start) and returns their averages,
  /// valid until the next call. The first call gives what it takes.
  /// Throws ArgumentError, and changes nothing, for no probabilities, another number of them than before,
  /// negative ones, and ones or a time that are not finite; and for a time not after the last.
  std::span<const float> update(std::span<const float> probabilities, double time);

  /// The class to show. Throws ArgumentError before the first update.
  Index shown() const;

 private:
  void check(std::span<const float> probabilities, double time) const;
  void choose(double time);
  void show(std::size_t index);

  SmoothingOptions options_;
  double time_ = 0;
  std::size_t shown_ = 0;
  std::vector<double> averages_;  // empty before the first update
  std::vector<double>
      ahead_since_;  // when each class came to exceed the shown one by the margin; infinity: it does not
  std::vector<float> result_;
};

}  // namespace mien::reader
