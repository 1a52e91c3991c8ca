#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "common/terminal.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "run_text.hpp"

namespace fertrain {
namespace {

constexpr double kSmoothing = 0.05;
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kBetweenEvaluations = std::chrono::seconds(2);

// The cursor waits at the line's beginning: where a window that is made narrower breaks the line in two, that
// is above both, and all below is cleared.
constexpr const char* kClear = "\r\033[J";

}  // namespace

Progress::Progress(bool quiet, std::uint64_t last_step, std::uint64_t steps_per_epoch)
    : quiet_(quiet),
      live_(!quiet && apps::is_terminal(STDERR_FILENO)),
      color_(!quiet && apps::use_color(STDERR_FILENO)),
      utf8_(mien::locale_is_utf8()) {
  view_.steps_per_epoch = steps_per_epoch;
  set_last_step(last_step);
}

void Progress::set_last_step(std::uint64_t last_step) {
  view_.last_step = last_step < mien::train::RunLimits::kUnplanned ? last_step : 0;
}

// Some terminals go to the next line once the last column is written.
std::size_t Progress::width() const {
  return apps::terminal_width(STDERR_FILENO) - 1;
}

void Progress::clear_line() {
  if (line_open_) std::fputs(kClear, stderr);
  line_open_ = false;
}

void Progress::draw() {
  std::fprintf(stderr, "%s%s\r", kClear, progress_line(view_, width(), utf8_).c_str());
  std::fflush(stderr);
  line_open_ = true;
}

void Progress::tell_time(double elapsed) {
  constexpr double kMeasured = 3, kWorthTelling = 60;  // seconds
  constexpr std::uint64_t kLeastSteps = 5;
  if (told_ || !stepped_ || view_.last_step <= view_.step) return;
  first_seconds_ += elapsed;
  ++first_steps_;
  if (first_steps_ < kLeastSteps || first_seconds_ < kMeasured) return;
  told_ = true;
  const double a_step = first_seconds_ / static_cast<double>(first_steps_);
  const std::uint64_t left = view_.last_step - view_.step;
  if (a_step * static_cast<double>(left) < kWorthTelling) return;
  const std::string step =
      a_step < 1 ? mien::format_fixed(1000 * a_step, 0) + " ms" : mien::format_fixed(a_step, 1) + " s";
  note(step + " a step: " + about(a_step * static_cast<double>(left)) + " for " + mien::grouped(left) +
       " more steps, and the evaluations besides");
}

void Progress::step(std::uint64_t step, const mien::train::StepResult& result) {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - last_step_time_).count();
  last_step_time_ = now;
  const double images = static_cast<double>(result.images);
  view_.step = step;
  tell_time(elapsed);
  const double share = stepped_ ? kSmoothing : 1.0;
  stepped_ = true;
  view_.doing.clear();
  view_.loss += share * (result.loss - view_.loss);
  const auto asked = static_cast<double>(std::max<mien::Index>(result.asked, 1));
  view_.accuracy += share * (static_cast<double>(result.correct) / asked - view_.accuracy);
  seconds_per_step_ += share * (elapsed - seconds_per_step_);
  view_.images_per_second = images / seconds_per_step_;
  view_.seconds_left = seconds_per_step_ * (static_cast<double>(view_.last_step) - static_cast<double>(step));
  if (!live_ || now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  draw();
}

void Progress::doing(const std::string& what) {
  if (!live_ || !stepped_) return;
  view_.doing = what;
  draw();
}

void Progress::evaluation(const mien::train::MetricRow& row, bool best) {
  back_to_steps();
  if (quiet_) return;
  const std::string line = live_ ? evaluation_line(row, best, width()) : evaluation_line(row, best);
  const auto now = Clock::now();
  if (!best && now - last_evaluation_ < kBetweenEvaluations) {
    held_ = line;
    held_since_ = now;
    return;
  }
  clear_line();
  if (now - held_since_ < kBetweenEvaluations) held_.clear();
  print_held();
  last_evaluation_ = now;
  const bool green = color_ && best;
  std::fprintf(stderr, "%s%s%s\n", green ? "\033[32m" : "", line.c_str(), green ? "\033[0m" : "");
}

void Progress::print_held() {
  if (!held_.empty()) std::fprintf(stderr, "%s\n", held_.c_str());
  held_.clear();
}

void Progress::note(const std::string& text) {
  if (quiet_) return;
  clear_line();
  print_held();
  std::fprintf(stderr, "%s%s", text.c_str(), text.ends_with('\n') ? "" : "\n");
}

}  // namespace fertrain
