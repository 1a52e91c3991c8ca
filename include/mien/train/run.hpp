// The loop of a training run: steps, evaluations, when to stop, what to keep.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "mien/train/trainer.hpp"

namespace mien::train {

/// One evaluation, and the training since the one before. NaN where there was nothing to measure; a loss beside
/// an accuracy was measured, and is what it is.
struct MetricRow {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t step = 0;
  double epoch = 0;  ///< whole and part epochs done
  double train_loss = kNone;
  double train_accuracy = kNone;  ///< of the training batches as they were seen, dropout on
  double validation_loss = kNone;
  double validation_accuracy = kNone;
  double learning_rate = 0;
  double images_per_second = kNone;
  double seconds = 0;  ///< spent training and measuring, over all sittings
};

/// Where a run stands beside the network itself; part of a checkpoint.
struct RunState {
  std::vector<MetricRow> history;
  double best_accuracy = -1;
  double best_regular_accuracy = -1;  ///< of the evaluations that count for patience
  std::uint64_t best_step = 0;
  /// The kept weights are gone: a run that is over is measured again, to replace them. Not part of a
  /// checkpoint.
  bool best_is_lost = false;
  std::uint64_t evaluations_without_gain = 0;
  double seconds = 0;
  std::uint64_t planned_steps = 0;  ///< with RunLimits::fit_seconds; 0: not yet planned
  // Training since the last evaluation.
  double loss_sum = 0;
  Index correct = 0;
  Index images = 0;
  double training_seconds = 0;
};

struct RunLimits {
  std::uint64_t steps = 0;       ///< in all, resumed ones included; 0: as many as `epochs` say
  std::uint64_t epochs = 0;      ///< in all; 0: no limit
  double seconds = 0;            ///< of this sitting; 0: no limit
  std::uint64_t patience = 0;    ///< evaluations without a better validation accuracy; 0: no limit
  std::uint64_t eval_every = 0;  ///< steps; 0: once an epoch
  /// The run is as many steps as fit into `seconds`, and the schedule ends with them: how many is planned
  /// after 50 steps (from a tenth of the time on after each, until then) and again after every evaluation.
  /// Steps and epochs are 0.
  bool fit_seconds = false;

  /// What last_step is before it has been planned.
  static constexpr std::uint64_t kUnplanned = std::uint64_t{1} << 40;
  /// What more epochs come to.
  static constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 62;
  /// The step at which the run is complete. Throws ArgumentError when nothing limits it.
  std::uint64_t last_step(std::uint64_t steps_per_epoch) const;
};

enum class StopReason { complete, time_limit, patience, interrupted };

/// What the owner of a run is told, and asked.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_step(const Trainer& trainer, const StepResult& result) = 0;
  /// An evaluation begins, which may take a while.
  virtual void before_evaluation(const Trainer&) {}
  /// After an evaluation. When `best`, the network as it is now is the one to keep.
  virtual void on_evaluation(Trainer& trainer, const RunState& state, bool best) = 0;
  /// The run can be continued from what is in memory now, all of it finite: time to write a checkpoint.
  virtual void on_checkpoint(Trainer& trainer, const RunState& state) = 0;
  /// Asked after every step.
  virtual bool stop_requested() = 0;
};

/// Trains until a limit is reached. With no validation rows every evaluation counts as the best, but none does
/// of a network whose weights or outputs are not finite, or so large that the inference runtime gives others. A
/// schedule that ends with the run ends with `limits`, also where the run was begun with others. Throws
/// ArgumentError for a run with `fit_seconds` that has no plan yet and no time to make one for.
///
/// With the options' guard on, throws DivergedError naming step and layer for a step that cannot be taken
/// (after on_checkpoint with the state before it, where that is finite), for an evaluation or a checkpoint of
/// weights, statistics, moments or outputs that are not finite, and at the end of a run of which no evaluation
/// was the best.
StopReason run(Trainer& trainer, RunState& state, std::span<const std::uint32_t> validation_rows,
               const RunLimits& limits, RunObserver& observer);

}  // namespace mien::train
