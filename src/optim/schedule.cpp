#include "mien/optim/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "mien/core/error.hpp"

namespace mien::optim {

Schedule::Schedule(const ScheduleOptions& options) : options_(options) {
  if (!(options.base >= 0.0f) || !std::isfinite(options.base)) {
    throw ArgumentError("[schedule] the learning rate must be finite and not negative");
  }
  const bool drops = options.kind == ScheduleKind::step || options.kind == ScheduleKind::plateau;
  if (drops && !(options.factor > 0.0f && options.factor < 1.0f)) {
    throw ArgumentError("[schedule] the factor must be between 0 and 1");
  }
  const bool known = options.total_steps > 0;
  if (options.kind == ScheduleKind::cosine && known && options.total_steps <= warmup()) {
    throw ArgumentError("[schedule] cosine needs more steps in all than warm-up steps, got " +
                        std::to_string(options.total_steps) + " and " + std::to_string(warmup()));
  }
}

void Schedule::set_total_steps(std::uint64_t steps) {
  options_.total_steps = steps;
  if (options_.kind == ScheduleKind::cosine) options_.total_steps = std::max(steps, warmup() + 1);
}

std::uint64_t Schedule::warmup() const {
  const bool shrinks = options_.warmup_shrinks && options_.total_steps > 0;
  return shrinks ? std::min(options_.warmup_steps, options_.total_steps / 10) : options_.warmup_steps;
}

float Schedule::rate(std::uint64_t step) const {
  const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
  if (options_.kind == ScheduleKind::step && options_.steps_per_drop == 0) {
    throw ArgumentError("[schedule] step needs a number of steps a drop");
  }
  if (options_.kind == ScheduleKind::cosine && options_.total_steps == 0) {
    throw ArgumentError("[schedule] cosine needs to know how many steps there are in all");
  }
  const std::uint64_t warm = warmup();
  double rate = double{options_.base};
  if (step < warm) return static_cast<float>(rate * real(step + 1) / real(warm));
  switch (options_.kind) {
    case ScheduleKind::constant:
      break;
    case ScheduleKind::step:
      rate *= std::pow(double{options_.factor}, std::floor(real(step) / real(options_.steps_per_drop)));
      break;
    case ScheduleKind::cosine: {
      const double span = real(options_.total_steps - warm);
      const double progress = std::min(1.0, real(step - warm) / span);
      rate *= 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
      break;
    }
    case ScheduleKind::plateau:
      rate *= std::pow(double{options_.factor}, real(state_.drops));
      break;
  }
  return static_cast<float>(std::max(rate, double{options_.minimum}));
}

void Schedule::report(double metric) {
  if (options_.kind != ScheduleKind::plateau) return;
  if (metric > state_.best) {
    state_.best = metric;
    state_.stale = 0;
    return;
  }
  if (++state_.stale > options_.patience) {
    ++state_.drops;
    state_.stale = 0;
  }
}

}  // namespace mien::optim
