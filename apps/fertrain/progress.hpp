// What fertrain tells while it works: one live line on a terminal, one line an evaluation otherwise. On
// stderr only; stdout is for results.
#pragma once

#include <chrono>
#include <string>

#include "mien/train/run.hpp"

namespace fertrain {

class Progress {
 public:
  Progress(bool quiet, std::uint64_t last_step, std::uint64_t steps_per_epoch);
  void set_last_step(std::uint64_t last_step) { last_step_ = last_step; }

  void step(std::uint64_t step, const mien::train::StepResult& result);
  /// The line about an evaluation, as it also goes into log.txt.
  static std::string evaluation_line(const mien::train::MetricRow& row, bool best);
  void evaluation(const std::string& line, bool best);
  void note(const std::string& text);

 private:
  void clear_line();

  using Clock = std::chrono::steady_clock;
  bool quiet_;
  bool live_;
  bool color_;
  bool line_open_ = false;
  std::uint64_t last_step_;
  std::uint64_t steps_per_epoch_;
  Clock::time_point last_drawn_{};
  Clock::time_point last_step_time_ = Clock::now();
  // Exponentially smoothed, so that the line neither jumps nor lags by an epoch.
  double loss_ = -1;
  double accuracy_ = 0;
  double seconds_per_step_ = 0;
};

}  // namespace fertrain
