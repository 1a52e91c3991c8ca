#include "mien/train/run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/train/metrics.hpp"

namespace mien::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

MetricRow finish_row(const Trainer& trainer, const RunState& state) {
  MetricRow row;
  row.step = trainer.steps_done();
  row.epoch = static_cast<double>(row.step) / static_cast<double>(trainer.steps_per_epoch());
  if (state.images > 0) {
    const double images = static_cast<double>(state.images);
    row.train_loss = state.loss_sum / images;
    if (state.asked > 0) {
      row.train_accuracy = static_cast<double>(state.correct) / static_cast<double>(state.asked);
    }
    if (state.training_seconds > 0) row.images_per_second = images / state.training_seconds;
  }
  row.learning_rate = shortest_decimal(trainer.learning_rate());
  return row;
}

void clear_sums(RunState& state) {
  state.loss_sum = 0;
  state.correct = 0;
  state.asked = 0;
  state.images = 0;
  state.training_seconds = 0;
}

bool measured(const Trainer& trainer, const RunState& state) {
  return !state.history.empty() && state.history.back().step == trainer.steps_done();
}

// Of a run that diverges the last checkpoint that is finite is the one to keep.
void checkpoint(Trainer& trainer, const RunState& state, RunObserver& observer) {
  const std::string fault = trainer.state_fault();
  if (fault.empty()) {
    observer.on_checkpoint(trainer, state);
  } else if (trainer.options().guard) {
    throw trainer.diverged(fault);
  }
}

// The evaluation whose weights are kept. After a resume its accuracy is what best.safetensors says, and the
// history may lack its row: the loss is then NaN, and a tie keeps the weights there are.
MetricRow kept_row(const RunState& state) {
  MetricRow kept;
  for (const MetricRow& row : state.history) {
    if (row.step == state.best_step) kept = row;
  }
  kept.validation_accuracy = state.best_accuracy;
  return kept;
}

// The network is measured and the row appended, or replaced where this step was measured before. `regular`
// evaluations come at fixed steps; only they count for patience and the schedule, so that where a run was cut
// does not change how it goes on. Any may be the best and supply the weights that are kept.
void evaluate(Trainer& trainer, RunState& state, std::span<const std::uint32_t> rows, bool regular,
              RunObserver& observer) {
  const bool again = measured(trainer, state);
  MetricRow row = again ? state.history.back() : finish_row(trainer, state);
  const auto start = Clock::now();
  const std::string fault = trainer.fault();
  if (!fault.empty() && trainer.options().guard) throw trainer.diverged(fault);
  observer.before_evaluation(trainer);
  bool best = fault.empty() && trainer.runtime_fault().empty();
  if (!rows.empty()) {
    const Measurement evaluation = trainer.evaluate(rows);
    state.last_evaluation = evaluation.details;
    row.validation_loss = evaluation.loss;
    row.validation_accuracy = evaluation.accuracy;
    const bool counts = best && std::isfinite(row.validation_loss);
    if (regular) {
      const bool gain = counts && row.validation_accuracy > state.best_regular_accuracy;
      if (gain) state.best_regular_accuracy = row.validation_accuracy;
      state.evaluations_without_gain = gain ? 0 : state.evaluations_without_gain + 1;
      trainer.schedule().report(row.validation_accuracy);
    }
    best = counts && is_better(row, kept_row(state));
    if (best) state.best_accuracy = row.validation_accuracy;
  }
  if (best) {
    state.best_step = row.step;
    state.best_is_lost = false;
    state.best_evaluation = state.last_evaluation;
  }
  state.seconds += seconds_since(start);
  row.seconds = state.seconds;
  clear_sums(state);
  if (again) state.history.pop_back();
  state.history.push_back(row);
  observer.on_evaluation(trainer, state, best);
}

// A run that ends well has weights to show for it.
StopReason ended(Trainer& trainer, const RunState& state, StopReason reason) {
  if (trainer.options().guard && (state.best_step == 0 || state.best_is_lost)) {
    const std::string fault = trainer.runtime_fault();
    throw trainer.diverged("no weights that could be kept" + (fault.empty() ? fault : "; " + fault));
  }
  return reason;
}

// The first steps ask the system for memory and are slow; a short run has few others, and is planned after
// each.
constexpr std::uint64_t kFirstPlan = 50;
constexpr double kFirstPlanShare = 0.1;  // of the time

// As many as fit, evaluations included, with something left for the last one, after `done` steps of this
// sitting.
std::uint64_t planned_steps(const Trainer& trainer, std::uint64_t done, double elapsed, double seconds) {
  constexpr double kUsed = 0.98;
  const double left = std::max(0.0, (kUsed * seconds - elapsed) * static_cast<double>(done) / elapsed);
  return trainer.steps_done() + static_cast<std::uint64_t>(left) + 1;
}

}  // namespace

StopReason run(Trainer& trainer, RunState& state, std::span<const std::uint32_t> validation_rows,
               const RunLimits& limits, RunObserver& observer) {
  trainer.plan(limits);
  std::uint64_t last = limits.last_step(trainer.steps_per_epoch());
  const auto end_at = [&](std::uint64_t steps) {
    state.planned_steps = last = steps;
    trainer.schedule().set_total_steps(steps);
  };
  if (limits.fit_seconds && state.planned_steps > 0) {
    end_at(state.planned_steps);  // resumed
  } else if (!limits.fit_seconds && trainer.schedule().options().total_steps > 0) {
    trainer.schedule().set_total_steps(last);  // the run may have been given another end since
  } else if (limits.fit_seconds && limits.seconds <= 0) {
    throw ArgumentError(
        "[run] stopped before it had planned how many steps fit its time; it needs a time, or "
        "a number of steps or epochs");
  }
  const std::uint64_t first = trainer.steps_done();
  const std::uint64_t every = limits.eval_every == 0 ? trainer.steps_per_epoch() : limits.eval_every;
  const auto start = Clock::now();
  comm::Communicator& ranks = trainer.ranks();
  // All ranks go by the clock of the first.
  const auto elapsed_here = [&] { return ranks.of_first(seconds_since(start)); };
  const auto out_of_patience = [&] {
    return limits.patience > 0 && state.evaluations_without_gain >= limits.patience;
  };
  const bool over = trainer.steps_done() >= last;
  // Interrupted just there, or resumed with a lower limit.
  const bool unmeasured = over && !measured(trainer, state);
  if (unmeasured || (state.best_is_lost && (over || out_of_patience()))) {
    evaluate(trainer, state, validation_rows, false, observer);
    checkpoint(trainer, state, observer);
  }
  if (!over && out_of_patience()) return ended(trainer, state, StopReason::patience);  // as it was stopped
  while (trainer.steps_done() < last) {
    const auto step_start = Clock::now();
    StepResult result;
    try {
      result = trainer.step();
    } catch (const DivergedError&) {
      if (trainer.state_fault().empty()) observer.on_checkpoint(trainer, state);
      throw;
    }
    const double elapsed = seconds_since(step_start);
    state.seconds += elapsed;
    state.training_seconds += elapsed;
    state.loss_sum += result.loss * static_cast<double>(result.images);
    state.correct += result.correct;
    state.asked += result.asked;
    state.images += result.images;
    observer.on_step(trainer, result);

    const std::uint64_t done = trainer.steps_done() - first;
    double now = limits.seconds > 0 ? elapsed_here() : 0;
    const auto plan = [&] { end_at(planned_steps(trainer, done, now, limits.seconds)); };
    const bool planning = limits.fit_seconds && limits.seconds > 0;
    const bool late = now >= kFirstPlanShare * limits.seconds;
    const bool first_plan = done == kFirstPlan || (done < kFirstPlan && late);
    if (planning && first_plan && trainer.steps_done() < last) plan();
    const bool out_of_time = limits.seconds > 0 && now >= limits.seconds;
    const bool interrupted = ranks.any(observer.stop_requested());
    const bool regular = trainer.steps_done() % every == 0;
    const bool complete = trainer.steps_done() >= last;
    if (regular || complete || (out_of_time && !interrupted)) {
      evaluate(trainer, state, validation_rows, regular, observer);
      if (planning && !complete && !out_of_time) {
        now = elapsed_here();
        plan();
      }
    }
    if (regular || complete || out_of_time || interrupted) checkpoint(trainer, state, observer);
    if (interrupted && !complete) return StopReason::interrupted;
    if (out_of_patience()) return ended(trainer, state, StopReason::patience);
    if (out_of_time && !complete) return ended(trainer, state, StopReason::time_limit);
  }
  return ended(trainer, state, StopReason::complete);
}

}  // namespace mien::train
