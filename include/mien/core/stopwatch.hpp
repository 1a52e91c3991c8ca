// Milliseconds from one point to the next.
#pragma once

#include <chrono>

namespace mien {

/// Measures laps by a clock that never goes back.
class Stopwatch {
 public:
  /// Since it was made, or since the last call.
  double lap_ms() {
    const Clock::time_point now = Clock::now();
    const double ms = std::chrono::duration<double, std::milli>(now - start_).count();
    start_ = now;
    return ms;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace mien
