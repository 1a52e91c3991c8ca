// What fertrain tells while it works: one live line on a terminal, one line an evaluation otherwise. On
// stderr only; stdout is for results.
#pragma once

#include <chrono>
#include <string>

#include "progress_line.hpp"

namespace fertrain {

class Progress {
 public:
  Progress(bool quiet, std::uint64_t last_step, std::uint64_t steps_per_epoch);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Whatever is printed next, an error's text for one, finds an empty line.
  ~Progress() {
    clear_line();
    print_held();
  }
  void set_last_step(std::uint64_t last_step);

  void step(std::uint64_t step, const mien::train::StepResult& result);
  /// Shows that something else than steps is done ("evaluating"), until the next call.
  void doing(const std::string& what);
  /// Goes on with steps. What was done meanwhile does not count for how fast they are.
  void back_to_steps() { last_step_time_ = Clock::now(); }
  /// Of evaluations that follow each other closely one in two seconds is printed, and the best and the last
  /// are.
  void evaluation(const mien::train::MetricRow& row, bool best);
  void note(const std::string& text);
  /// For what is printed on stdout.
  void clear_line();

 private:
  void draw();
  void print_held();
  /// Once, where a run is going to last, how long.
  void tell_time(double elapsed);
  std::size_t width() const;

  using Clock = std::chrono::steady_clock;
  bool quiet_;
  bool live_;
  bool color_;
  bool utf8_;
  bool line_open_ = false;
  std::string held_;  ///< the line about an evaluation that may be followed by another soon
  ProgressView view_;
  Clock::time_point last_drawn_{};
  Clock::time_point last_evaluation_{};  ///< that was printed
  Clock::time_point held_since_{};
  Clock::time_point last_step_time_ = Clock::now();
  // Smoothed exponentially, as the view's loss and accuracy are, so that the line neither jumps nor lags by an
  // epoch.
  double seconds_per_step_ = 0;
  bool stepped_ = false;
  // What the first steps of this sitting take, but for the very first, which asks for memory.
  double first_seconds_ = 0;
  std::uint64_t first_steps_ = 0;
  bool told_ = false;
};

}  // namespace fertrain
