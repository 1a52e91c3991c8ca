// One training run in memory: network, optimizer, schedule, task. Prints and writes nothing by itself.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mien/comm/communicator.hpp"
#include "mien/core/error.hpp"
#include "mien/data/dataset.hpp"
#include "mien/model/model_file.hpp"
#include "mien/nn/network.hpp"
#include "mien/optim/average.hpp"
#include "mien/optim/schedule.hpp"
#include "mien/train/limits.hpp"
#include "mien/train/options.hpp"
#include "mien/train/task.hpp"

namespace mien::train {

/// What one step has found out.
struct StepResult {
  double loss = 0;  ///< mean over the batch
  Index images = 0;
  Index correct = 0;  ///< of what was asked; of a mixed image that is the label with the larger share
  Index asked = 0;    ///< as in BatchCost
};

/// What steps of this sitting have cost a rank.
struct StepTraffic {
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;  ///< sent
  double waiting = 0;       ///< seconds, for others and for what they send
  double seconds = 0;       ///< in all
};

/// A network, its optimizer and its task, a step at a time.
class Trainer {
 public:
  /// Builds and initializes the network. The ranks, which must outlive the trainer, each have a share of every
  /// batch, and all have the same weights, but for rows that are shared out (collect()); what may be called by
  /// all of them alone says so. Throws as BatchShare.
  Trainer(TrainOptions options, std::unique_ptr<Task> task, comm::Communicator& ranks = comm::alone());
  /// With expression_task, of a dataset that must outlive the trainer.
  Trainer(TrainOptions options, const data::Dataset& dataset, std::vector<std::uint32_t> train_rows,
          std::vector<std::string> labels);

  /// Takes over the weights of a model instead of random ones, and the normalization they have learned with; to
  /// be called before the first step. Throws DataError naming the weight that is missing or has another shape,
  /// for other labels, a model of another task or face grid, and as infer::Session does for weights that do not
  /// give the model's sample output;
  /// ArgumentError where the options prepare images in another way than the model's.
  void start_from(const model::ModelFile& model);
  /// Instead of what was learned from the rows.
  void set_normalization(const image::Normalization& normalization);
  /// Resolves what the options leave to the run's length (resolve_schedule); run() does it. Steps of a schedule
  /// that needs that cannot be taken before. Throws ArgumentError when nothing limits the run, or it is shorter
  /// than its warm-up.
  void plan(const RunLimits& limits);
  /// One optimizer step. Throws DivergedError naming the step and the layer when the loss, a running statistic
  /// or a gradient is not finite, or a gradient not usable; weights, optimizer and running statistics are then
  /// as before the step. With the options' guard off such a step is taken like any other.
  StepResult step();
  /// With the weights that are kept: the average, where there is one. Called by all ranks; rank 0 measures, the
  /// others have the figures without their details. Throws DivergedError naming the step and the layer when an
  /// output is not finite, unless the options' guard is off.
  Measurement evaluate(std::span<const std::uint32_t> rows);
  /// kept: what is measured and used. current: those of the last step, which training goes on from.
  enum class Weights { kept, current };
  /// Of weights that ranks share out, brings all to rank 0, with their average and moments; called by all
  /// ranks. evaluate() and the faults do, of what has changed since the last time.
  void collect();
  /// Whether rank 0 has all as it is now: what it does by itself needs that.
  bool is_collected() const { return collected_; }
  /// The network as it is now; its weights share storage with the trainer, so write or clone them
  /// before the next step. For rank 0, of what is collected.
  model::ModelFile snapshot(Weights which = Weights::kept);
  /// What keeps these weights from being used, such as "batchnorm2.running_var is NaN or infinite"; empty where
  /// weights, running statistics and all layers' outputs for the sample are finite. On its way out a run that
  /// diverges passes through weights that are finite but give nothing finite. Called by all ranks, as the two
  /// below, which all find the same.
  std::string fault(Weights which = Weights::kept);
  /// The same of all that training would go on from: both kinds of weights, and the optimizer's moments. A
  /// checkpoint of anything else could not be read again.
  std::string state_fault();
  /// The same of what is collected, by rank 0 alone.
  std::string collected_state_fault();
  /// Empty where infer::Session, which rounds in other places, gives the sample's output with the kept weights;
  /// a file of others would be refused by every reader.
  std::string runtime_fault();
  /// "[train] step 17: " and what is wrong.
  DivergedError diverged(const std::string& what) const;

  std::uint64_t steps_done() const { return optimizer_->steps(); }
  std::uint64_t steps_per_epoch() const { return task_->steps_per_epoch(); }
  float learning_rate() const { return schedule_.rate(steps_done()); }
  /// The learning rate's schedule, to be changed.
  optim::Schedule& schedule() { return schedule_; }
  const optim::Schedule& schedule() const { return schedule_; }
  /// The optimizer, to be changed.
  optim::Optimizer& optimizer() { return *optimizer_; }
  /// Null where weights are not averaged.
  optim::WeightAverage* average() { return average_.get(); }
  const std::vector<autograd::Parameter*>& parameters() const { return parameters_; }
  const TrainOptions& options() const { return options_; }
  const image::Normalization& normalization() const { return task_->normalization(); }
  comm::Communicator& ranks() const { return ranks_; }
  const StepTraffic& traffic() const { return traffic_; }

 private:
  bool shares_rows() const;
  /// Calls look(values, how many rows) for all that is kept of weights that ranks share out.
  void for_each_shared(const std::function<void(std::span<std::byte>, Index)>& look);
  StepResult take_step();
  std::string found_by_first(const std::function<std::string()>& look);
  std::string weights_fault(Weights which);
  std::string session_fault();
  void check_step(const Tensor& images, float loss);
  void for_each_output(const Tensor& images, const nn::Mode& mode, const nn::Network::Observer& look);
  /// The network as it is now, without a sample.
  model::ModelFile current_model() const;
  std::string first_bad_output(const Tensor& images, const nn::Mode& mode);
  /// Of every layer its name and the largest absolute value it gives.
  std::vector<std::pair<std::string, double>> largest_outputs(const Tensor& images, const nn::Mode& mode);
  Tensor sample_image() const;

  TrainOptions options_;
  std::unique_ptr<Task> task_;
  comm::Communicator& ranks_;
  std::unique_ptr<autograd::BatchShare> share_;  // to which parameters point
  nn::Network network_;
  std::vector<autograd::Parameter*> parameters_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  std::unique_ptr<optim::WeightAverage> average_;
  optim::Schedule schedule_;
  StepTraffic traffic_;
  bool collected_ = true;
};

}  // namespace mien::train
