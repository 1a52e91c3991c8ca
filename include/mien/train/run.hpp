// The loop of a training run: steps, evaluations, when to stop, what to keep.
#pragma once

#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "mien/train/limits.hpp"
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
  Index asked = 0;  ///< what `correct` is a part of
  Index images = 0;
  double training_seconds = 0;
  /// What Task::measure said last, and of the weights that are kept. Not part of a checkpoint: null until there
  /// is such an evaluation in this sitting, and for tasks without.
  std::shared_ptr<const eval::Evaluation> last_evaluation = nullptr, best_evaluation = nullptr;
};

/// Why a run has ended.
enum class StopReason { complete, time_limit, patience, interrupted };

/// What the owner of a run is told, and asked.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// After each step.
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

/// Trains until a limit is reached. The best evaluation is the most accurate one, of equally accurate ones that
/// with the least loss. With no validation rows every evaluation counts as the best. An evaluation
/// never counts as the best when weights or outputs are not finite, or are so large that the inference runtime
/// gives other outputs. A schedule that depends on the run's length follows `limits` (Trainer::plan), those
/// given now, whatever the run began with. Throws ArgumentError for a run with `fit_seconds` that has no plan
/// yet and no time to make one for.
///
/// With the options' guard on, throws DivergedError, naming step and layer,
/// - for a step that cannot be taken; on_checkpoint has then been called with the state before it, if finite
/// - when an evaluation or a checkpoint finds weights, statistics, moments or outputs that are not finite
/// - at the end of a run when no evaluation was the best
StopReason run(Trainer& trainer, RunState& state, std::span<const std::uint32_t> validation_rows,
               const RunLimits& limits, RunObserver& observer);

}  // namespace mien::train
