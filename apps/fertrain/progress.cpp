#include "progress.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "common/terminal.hpp"

namespace fertrain {
namespace {

constexpr double kSmoothing = 0.05;
constexpr auto kRedraw = std::chrono::milliseconds(100);

std::string clock_text(double seconds) {
  const long total = std::lround(std::fmin(seconds, 359999.0));
  char text[32];
  if (total >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", total / 60, total % 60);
  }
  return text;
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100.0 * share);
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) return "nan";  // and never -nan
  char text[32];
  std::snprintf(text, sizeof text, std::fabs(value) < 1e6 ? "%.4f" : "%.4g", value);
  return text;
}

// Without an accuracy there was nothing to measure.
std::string loss_and_accuracy(double loss, double accuracy) {
  const std::string text = std::isfinite(accuracy) ? number(loss) : "-";
  return text + " accuracy " + percent(accuracy);
}

}  // namespace

Progress::Progress(bool quiet, std::uint64_t last_step, std::uint64_t steps_per_epoch)
    : quiet_(quiet),
      live_(!quiet && apps::is_terminal(STDERR_FILENO)),
      color_(!quiet && apps::use_color(STDERR_FILENO)),
      last_step_(last_step),
      steps_per_epoch_(steps_per_epoch) {}

void Progress::clear_line() {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
}

void Progress::step(std::uint64_t step, const mien::train::StepResult& result) {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - last_step_time_).count();
  last_step_time_ = now;
  const double accuracy = static_cast<double>(result.correct) / static_cast<double>(result.images);
  if (loss_ < 0) {
    loss_ = result.loss;
    accuracy_ = accuracy;
    seconds_per_step_ = elapsed;
  }
  loss_ += kSmoothing * (result.loss - loss_);
  accuracy_ += kSmoothing * (accuracy - accuracy_);
  seconds_per_step_ += kSmoothing * (elapsed - seconds_per_step_);
  if (!live_ || now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  const bool planned = last_step_ < mien::train::RunLimits::kUnplanned;
  const auto of = [&](std::uint64_t total) { return planned ? "/" + std::to_string(total) : std::string(); };
  const std::uint64_t epoch = (step - 1) / steps_per_epoch_ + 1;
  const std::string epochs = of((last_step_ + steps_per_epoch_ - 1) / steps_per_epoch_);
  const double left = seconds_per_step_ * static_cast<double>(last_step_ - step);
  std::fprintf(stderr, "\r\033[Kepoch %llu%s  step %llu%s  loss %s  accuracy %.1f %%  %.0f images/s%s",
               static_cast<unsigned long long>(epoch), epochs.c_str(), static_cast<unsigned long long>(step),
               of(last_step_).c_str(), number(loss_).c_str(), 100.0 * accuracy_,
               static_cast<double>(result.images) / seconds_per_step_,
               planned ? ("  ETA " + clock_text(left)).c_str() : "");
  std::fflush(stderr);
  line_open_ = true;
}

std::string Progress::evaluation_line(const mien::train::MetricRow& row, bool best) {
  char head[64];
  std::snprintf(head, sizeof head, "epoch %.2f  step %llu", row.epoch,
                static_cast<unsigned long long>(row.step));
  char rate[64] = "";
  if (std::isfinite(row.images_per_second)) {
    std::snprintf(rate, sizeof rate, "  %.0f images/s", row.images_per_second);
  }
  return std::string(head) + "  training loss " + loss_and_accuracy(row.train_loss, row.train_accuracy) +
         "  validation loss " + loss_and_accuracy(row.validation_loss, row.validation_accuracy) + rate + "  " +
         clock_text(row.seconds) + (best ? "  *" : "");
}

void Progress::evaluation(const std::string& line, bool best) {
  last_step_time_ = Clock::now();  // an evaluation is not part of a step's time
  if (quiet_) return;
  clear_line();
  const bool green = color_ && best;
  std::fprintf(stderr, "%s%s%s\n", green ? "\033[32m" : "", line.c_str(), green ? "\033[0m" : "");
}

void Progress::note(const std::string& text) {
  if (quiet_) return;
  clear_line();
  std::fprintf(stderr, "%s%s", text.c_str(), text.ends_with('\n') ? "" : "\n");
}

}  // namespace fertrain
