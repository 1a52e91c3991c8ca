#include "mien/train/limits.hpp"

#include <algorithm>

#include "mien/core/error.hpp"

namespace mien::train {

using optim::ScheduleKind;

std::uint64_t RunLimits::last_step(std::uint64_t steps_per_epoch) const {
  if (fit_seconds) return kUnplanned;
  if (steps == 0 && epochs == 0) throw ArgumentError("[run] neither steps nor epochs are given");
  const std::uint64_t most_epochs = kMostSteps / steps_per_epoch;
  const std::uint64_t by_epochs = epochs == 0 ? steps : std::min(epochs, most_epochs) * steps_per_epoch;
  return steps == 0 ? by_epochs : std::min(steps, by_epochs);
}

RunLimits begun_limits(const AskedLimits& asked, ScheduleKind schedule) {
  RunLimits limits{.steps = asked.steps.value_or(0),
                   .epochs = asked.epochs.value_or(0),
                   .seconds = asked.seconds.value_or(0),
                   .patience = asked.patience.value_or(0),
                   .eval_every = asked.eval_every.value_or(0)};
  if (asked.steps || asked.epochs) return limits;
  limits.fit_seconds = schedule == ScheduleKind::cosine && limits.seconds > 0;
  if (!limits.fit_seconds) limits.epochs = kDefaultEpochs;
  return limits;
}

RunLimits resumed_limits(const AskedLimits& asked, const RunLimits& saved) {
  RunLimits limits = saved;
  if (asked.steps || asked.epochs) {
    limits.steps = asked.steps.value_or(0);
    limits.epochs = asked.epochs.value_or(0);
    limits.fit_seconds = false;
  }
  limits.seconds = asked.seconds.value_or(0);
  limits.patience = asked.patience.value_or(saved.patience);
  limits.eval_every = asked.eval_every.value_or(saved.eval_every);
  return limits;
}

void resolve_schedule(TrainOptions& options, const RunLimits& limits, std::uint64_t steps_per_epoch) {
  optim::ScheduleOptions& schedule = options.schedule;
  const bool spans = schedule.kind == ScheduleKind::cosine || options.mix.until < 1.0f;
  const bool known = schedule.total_steps > 0;
  const std::uint64_t total = limits.last_step(steps_per_epoch);
  if (schedule.warmup_shrinks && !known && !limits.fit_seconds) {
    // Once and for all: a run that is resumed with another end does not warm up again. (That of a run made to
    // fit a time follows its plan.)
    schedule.warmup_steps = std::min(schedule.warmup_steps, total / 10);
    schedule.warmup_shrinks = false;
  }
  if (spans && !known) schedule.total_steps = total;
  if (schedule.kind == ScheduleKind::step && schedule.steps_per_drop == 0) {
    schedule.steps_per_drop = std::max<std::uint64_t>(1, total / 3);
  }
}

}  // namespace mien::train
