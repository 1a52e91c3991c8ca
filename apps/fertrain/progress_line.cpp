#include "progress_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace fertrain {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastBar = 6, kMostBar = 30;

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

std::string percent(double share, int digits) {
  if (!std::isfinite(share)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.*f %%", digits, 100.0 * share);
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) return "nan";  // and never -nan
  char text[32];
  std::snprintf(text, sizeof text, std::fabs(value) < 1e6 ? "%.4f" : "%.4g", value);
  return text;
}

std::string per_second(double images, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, "%.0f %s", images, unit);
  return text;
}

std::string bar(double share, std::size_t width, bool utf8) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += i < filled ? (utf8 ? "█" : "#") : (utf8 ? "░" : ".");
  return text;
}

std::string joined(const std::vector<Field>& fields) {
  std::string line;
  for (const Field& field : fields) {
    if (!line.empty() && !field.text.empty()) line += std::string(kGap, ' ');
    line += field.text;
  }
  return line;
}

std::vector<Field> fields_of(const ProgressView& view) {
  const bool planned = view.last_step > 0;
  const auto counted = [&](const char* what, std::uint64_t done, std::uint64_t total) {
    return std::string(what) + std::to_string(done) + (planned ? "/" + std::to_string(total) : "");
  };
  const std::uint64_t per = view.steps_per_epoch;
  const std::uint64_t epoch = view.step == 0 ? 1 : (view.step - 1) / per + 1;
  const std::string accuracy = percent(view.accuracy, 1);
  const std::string left = planned ? "ETA " + clock_text(view.seconds_left) : "";
  return {{.text = counted("epoch ", epoch, (view.last_step + per - 1) / per), .brief = {}, .rank = 3},
          {.text = counted("step ", view.step, view.last_step), .brief = {}, .rank = 5},
          {.text = planned ? std::string(kLeastBar, '#') : "", .brief = {}, .rank = 1},
          {.text = "loss " + number(view.loss), .brief = {}, .rank = 2},
          {.text = "accuracy " + accuracy, .brief = accuracy, .rank = 4},
          {.text = per_second(view.images_per_second, "images/s"),
           .brief = per_second(view.images_per_second, "img/s"),
           .rank = 6},
          {.text = view.doing.empty() ? left : view.doing, .brief = {}, .rank = 0}};
}

// Without an accuracy there was nothing to measure.
Field measured(const char* what, double loss, double accuracy, int rank) {
  const std::string text = std::isfinite(accuracy) ? number(loss) : "-";
  const std::string share = percent(accuracy, 2);
  return {.text = std::string(what) + " loss " + text + " accuracy " + share,
          .brief = std::string(what) + " " + text + ", " + share,
          .rank = rank};
}

}  // namespace

std::string fitted(std::vector<Field> fields, std::size_t width) {
  std::string line = joined(fields);
  if (line.size() <= width) return line;
  for (Field& field : fields) {
    if (!field.brief.empty()) field.text = field.brief;
  }
  for (line = joined(fields); line.size() > width && fields.size() > 1; line = joined(fields)) {
    fields.erase(std::max_element(fields.begin(), fields.end(),
                                  [](const Field& a, const Field& b) { return a.rank < b.rank; }));
  }
  return line.substr(0, width);
}

// A bar of the least length takes part in the fitting, and then what room there is.
std::string progress_line(const ProgressView& view, std::size_t width, bool utf8) {
  std::string line = fitted(fields_of(view), width);
  const std::size_t at = line.find('#');
  if (at == line.npos) return line;
  const std::size_t length = std::min(kLeastBar + width - line.size(), kMostBar);
  const double share = static_cast<double>(view.step) / static_cast<double>(view.last_step);
  return line.replace(at, kLeastBar, bar(std::min(share, 1.0), length, utf8));
}

std::string evaluation_line(const mien::train::MetricRow& row, bool best) {
  return evaluation_line(row, best, std::numeric_limits<std::size_t>::max());
}

std::string evaluation_line(const mien::train::MetricRow& row, bool best, std::size_t width) {
  char epoch[64];
  std::snprintf(epoch, sizeof epoch, "epoch %.2f", row.epoch);
  const bool trained = std::isfinite(row.images_per_second);
  return fitted({{.text = epoch, .brief = {}, .rank = 2},
                 {.text = "step " + std::to_string(row.step), .brief = {}, .rank = 5},
                 measured("training", row.train_loss, row.train_accuracy, 3),
                 measured("validation", row.validation_loss, row.validation_accuracy, 0),
                 {.text = trained ? per_second(row.images_per_second, "images/s") : "",
                  .brief = trained ? per_second(row.images_per_second, "img/s") : "",
                  .rank = 6},
                 {.text = clock_text(row.seconds), .brief = {}, .rank = 4},
                 {.text = best ? "*" : "", .brief = {}, .rank = 1}},
                width);
}

}  // namespace fertrain
