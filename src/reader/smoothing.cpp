#include "mien/reader/smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "core/checks.hpp"
#include "mien/core/text.hpp"

namespace mien::reader {
namespace {

constexpr std::string_view kWhere = "smoothing";  // in messages
constexpr double kMaxSeconds = 60;
constexpr double kNever = std::numeric_limits<double>::infinity();

std::size_t most_probable(const std::vector<double>& averages) {
  return static_cast<std::size_t>(std::max_element(averages.begin(), averages.end()) - averages.begin());
}

}  // namespace

ExpressionSmoother::ExpressionSmoother(const SmoothingOptions& options) : options_(options) {
  mien::detail::check_range(kWhere, "time_constant", options.time_constant, kMaxSeconds);
  mien::detail::check_range(kWhere, "margin", options.margin, 1);
  mien::detail::check_range(kWhere, "hold", options.hold, kMaxSeconds);
}

void ExpressionSmoother::check(std::span<const float> probabilities, double time) const {
  if (probabilities.empty()) mien::detail::refuse(kWhere, "no probabilities");
  for (const float p : probabilities) {
    if (!std::isfinite(p) || p < 0)
      mien::detail::refuse(kWhere, "a probability is " + format_number(shortest_decimal(p)));
  }
  mien::detail::check_finite_time(kWhere, time);
  if (averages_.empty()) return;
  if (probabilities.size() != averages_.size()) {
    mien::detail::refuse(kWhere, std::to_string(probabilities.size()) + " probabilities after " +
                                     std::to_string(averages_.size()));
  }
  mien::detail::check_after(kWhere, time, time_);
}

std::span<const float> ExpressionSmoother::update(std::span<const float> probabilities, double time) {
  check(probabilities, time);
  if (averages_.empty()) {
    averages_.assign(probabilities.begin(), probabilities.end());
    show(most_probable(averages_));
  } else {
    // What one long step brings is what many short ones bring together.
    const double share =
        options_.time_constant > 0 ? -std::expm1(-(time - time_) / options_.time_constant) : 1.0;
    for (std::size_t i = 0; i < averages_.size(); ++i) {
      averages_[i] += share * (double{probabilities[i]} - averages_[i]);
    }
    choose(time);
  }
  time_ = time;
  result_.assign(averages_.begin(), averages_.end());
  return result_;
}

void ExpressionSmoother::choose(double time) {
  const double least = averages_[shown_] + options_.margin;
  std::size_t next = shown_;
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    if (averages_[i] <= least) {
      ahead_since_[i] = kNever;
      continue;
    }
    ahead_since_[i] = std::min(ahead_since_[i], time);
    if (time - ahead_since_[i] >= options_.hold && averages_[i] > averages_[next]) next = i;
  }
  if (next != shown_) show(next);
}

void ExpressionSmoother::show(std::size_t index) {
  shown_ = index;
  ahead_since_.assign(averages_.size(), kNever);
}

Index ExpressionSmoother::shown() const {
  if (averages_.empty()) mien::detail::refuse(kWhere, "nothing to show before the first update");
  return static_cast<Index>(shown_);
}

}  // namespace mien::reader
