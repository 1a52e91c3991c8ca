#include "mien/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "mien/core/memory.hpp"
#include "mien/core/stopwatch.hpp"
#include "mien/core/text.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/encoding.hpp"
#include "ops/ops.hpp"

namespace mien::train {
namespace {

using autograd::Parameter;
using autograd::Tape;
using autograd::Variable;

bool prepares_alike(const image::Normalization& a, const image::Normalization& b) {
  const auto pixels = [](const Tensor& mean) { return mean.defined() ? mean.size() : 0; };
  return a.per_image == b.per_image && a.scale == b.scale && pixels(a.mean) == pixels(b.mean);
}

// The least score is a choice of whoever uses the model.
bool reads_alike(model::FaceGrid a, const model::FaceGrid& b) {
  a.min_score = b.min_score;
  return a == b;
}

std::string describe(const image::Normalization& normalization) {
  return "per-image " + std::string(to_string(normalization.per_image)) + ", scale " +
         format_number(shortest_decimal(normalization.scale)) + ", per-pixel " +
         (normalization.mean.defined() ? "on for " + std::to_string(normalization.mean.size()) + " pixels"
                                       : std::string("off"));
}

std::span<std::byte> bytes_of(Tensor& tensor) {
  return std::as_writable_bytes(std::span(tensor.mutable_data(), static_cast<std::size_t>(tensor.size())));
}

// Forward passes in training mode move the running statistics; a step that fails must leave no trace.
class RunningStatistics {
 public:
  explicit RunningStatistics(const std::vector<Parameter*>& parameters) {
    for (Parameter* parameter : parameters) {
      if (!parameter->trainable) saved_.emplace_back(parameter, parameter->value.clone());
    }
  }
  void restore() {
    for (auto& [parameter, value] : saved_) parameter->value.copy_from(value);
  }

 private:
  std::vector<std::pair<Parameter*, Tensor>> saved_;
};

}  // namespace

Trainer::Trainer(TrainOptions options, std::unique_ptr<Task> task, comm::Communicator& ranks)
    : options_(std::move(options)),
      task_(std::move(task)),
      ranks_(ranks),
      share_(std::make_unique<autograd::BatchShare>(ranks, task_->batch_size(), options_.parts)),
      schedule_(options_.schedule) {
  network_ = nn::build(options_.spec);
  parameters_ = network_.parameters();
  for (Parameter* parameter : parameters_) {
    const bool shared = options_.shard_dense && !share_->is_whole();
    if (shared && can_shard(parameter->value.shape(), options_.parts)) parameter->rows = share_.get();
  }
  nn::initialize(network_, options_.initialization, options_.seed);
  optimizer_ = make_optimizer(options_, parameters_);
  if (options_.average != 0) average_ = std::make_unique<optim::WeightAverage>(parameters_, options_.average);
}

Trainer::Trainer(TrainOptions options, const data::Dataset& dataset, std::vector<std::uint32_t> train_rows,
                 std::vector<std::string> labels)
    : Trainer(options, expression_task(options, dataset, std::move(train_rows), std::move(labels))) {}

void Trainer::set_normalization(const image::Normalization& normalization) {
  image::Normalization own = normalization;
  // What was read from a file would keep all of it mapped.
  for (Tensor* tensor : {&own.mean, &own.inv_std}) {
    if (tensor->defined()) *tensor = tensor->clone();
  }
  task_->set_normalization(own);
}

void Trainer::start_from(const model::ModelFile& model) {
  model::ModelFile wanted;
  task_->describe(wanted);
  if (model.face_grid.has_value() != wanted.face_grid.has_value()) {
    throw DataError(model.name + (wanted.face_grid ? ": does not find faces" : ": finds faces"));
  }
  if (wanted.face_grid && !reads_alike(*model.face_grid, *wanted.face_grid)) {
    throw DataError(model.name + ": its outputs are those of another face grid");
  }
  if (model.labels != wanted.labels) {
    throw DataError(model.name + ": its labels are " + join(model.labels, ", ") + ", expected " +
                    join(wanted.labels, ", "));
  }
  if (!prepares_alike(model.normalization, wanted.normalization)) {
    throw ArgumentError("[start] " + model.name + " takes images prepared with " +
                        describe(model.normalization) + ", the options say " + describe(wanted.normalization));
  }
  set_normalization(model.normalization);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Parameter& parameter = *parameters_[i];
    const auto found = std::find_if(model.weights.begin(), model.weights.end(),
                                    [&](const model::Weight& weight) { return weight.name == parameter.name; });
    if (found == model.weights.end()) throw DataError(model.name + ": holds no " + parameter.name);
    const Tensor values = model::expand(*found);
    if (values.shape() != parameter.value.shape()) {
      throw DataError(model.name + ": " + parameter.name + " is " + values.shape().to_string() + ", expected " +
                      parameter.value.shape().to_string());
    }
    // The file's reader does not look through large ones.
    if (!ops::all_finite(values.data(), values.size())) {
      throw DataError(model.name + ": " + parameter.name + " holds NaN or infinity");
    }
    parameter.value.copy_from(values);
    if (average_ != nullptr) average_->values()[i].copy_from(values);
  }
  (void)infer::Session(model);  // what is learned from has to be right
}

void Trainer::plan(const RunLimits& limits) {
  const optim::ScheduleOptions before = options_.schedule;
  resolve_schedule(options_, limits, steps_per_epoch());
  if (options_.schedule == before) return;
  optim::Schedule planned(options_.schedule);
  planned.set_state(schedule_.state());
  schedule_ = planned;
}

StepResult Trainer::step() {
  const comm::Traffic before = ranks_.traffic();
  Stopwatch stopwatch;
  const StepResult result = take_step();
  ++traffic_.steps;
  traffic_.bytes += ranks_.traffic().bytes - before.bytes;
  traffic_.waiting += ranks_.traffic().seconds - before.seconds;
  traffic_.seconds += stopwatch.lap_ms() / 1000;
  return result;
}

StepResult Trainer::take_step() {
  const std::uint64_t step = steps_done();
  const float rate = schedule_.rate(step);
  const Tensor images = task_->batch(step, schedule_.options().total_steps, *share_);
  // What other ranks learn is theirs from here on.
  if (collected_) {
    for_each_shared([&](std::span<std::byte> values, Index rows) { share_->forget_rows(values, rows); });
  }
  RunningStatistics statistics(parameters_);
  Tape tape(*share_);
  const auto differentiated = [&] {
    try {
      std::vector<Variable> outputs = network_.outputs(
          tape, tape.constant(images), nn::Mode::train(options_.seed, step, options_.precision));
      for (Variable& output : outputs) output = autograd::gather_rows(output);
      BatchCost cost = task_->cost(outputs);
      const float loss = cost.loss.value().data()[0];
      if (!options_.guard || std::isfinite(loss)) tape.backward(cost.loss);
      if (options_.guard) check_step(images, loss);
      return cost;
    } catch (...) {  // a loss that is not finite, or what went wrong on another rank
      optimizer_->clear_gradients();
      statistics.restore();
      throw;
    }
  };
  const BatchCost cost = differentiated();
  collected_ = !shares_rows();
  optimizer_->step(rate);
  if (average_ != nullptr) average_->update(steps_done());
  return {.loss = cost.mean_loss, .images = cost.images, .correct = cost.correct, .asked = cost.asked};
}

bool Trainer::shares_rows() const {
  return ranks_.size() > 1 &&
         std::any_of(parameters_.begin(), parameters_.end(),
                     [](const Parameter* parameter) { return parameter->rows != nullptr; });
}

void Trainer::for_each_shared(const std::function<void(std::span<std::byte>, Index)>& look) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Parameter& parameter = *parameters_[i];
    if (parameter.rows == nullptr) continue;
    const Index rows = parameter.value.dim(0);
    look(bytes_of(parameter.value), rows);
    if (average_ != nullptr) look(bytes_of(average_->values()[i]), rows);
    for (optim::Moment* moment : optimizer_->moments_of(parameter)) look(moment->bytes(), rows);
  }
}

void Trainer::collect() {
  if (collected_) return;
  for_each_shared([&](std::span<std::byte> values, Index rows) { share_->collect_rows(values, rows); });
  collected_ = true;
}

Measurement Trainer::evaluate(std::span<const std::uint32_t> rows) {
  collect();
  // Batches of another size need other blocks; those of the steps would only lie there meanwhile, and vice
  // versa.
  release_cached_memory();
  const optim::Averaged averaged(average_.get());
  Measurement measurement;
  try {
    if (ranks_.rank() == 0) measurement = task_->measure(current_model(), rows, options_.guard);
  } catch (const NotFinite& found) {
    throw diverged("in the evaluation " + first_bad_output(found.images, nn::Mode::eval()));
  }
  measurement.loss = ranks_.of_first(measurement.loss);
  measurement.accuracy = ranks_.of_first(measurement.accuracy);
  release_cached_memory();
  return measurement;
}

model::ModelFile Trainer::current_model() const {
  model::ModelFile model;
  model.name = options_.model_name;
  model.spec = options_.spec;
  task_->describe(model);
  for (const Parameter* parameter : parameters_) model.weights.push_back({parameter->name, parameter->value});
  return model;
}

model::ModelFile Trainer::snapshot(Weights which) {
  const optim::Averaged averaged(which == Weights::kept ? average_.get() : nullptr);
  model::ModelFile model = current_model();
  model.sample_input = sample_image();
  Tape tape(Tape::Recording::off);
  model.sample_output =
      task_->sample_output(network_.outputs(tape, tape.constant(model.sample_input), nn::Mode::eval()));
  return model;
}

Tensor Trainer::sample_image() const {
  return model::noise_sample(options_.spec, normalization());
}

}  // namespace mien::train
