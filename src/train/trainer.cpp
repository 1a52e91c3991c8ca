#include "mien/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/memory.hpp"
#include "mien/core/text.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/encoding.hpp"
#include "ops/ops.hpp"
#include "train/objective.hpp"

namespace mien::train {
namespace {

using autograd::Parameter;
using autograd::Tape;
using autograd::Variable;

void check_fit(const TrainOptions& options, const data::Dataset& dataset, std::size_t classes) {
  const model::ModelSpec& spec = options.spec;
  if (spec.channels != 1 || spec.height != dataset.height || spec.width != dataset.width) {
    throw ArgumentError("[train] the model takes " + Shape{spec.channels, spec.height, spec.width}.to_string() +
                        " images, the data are " + Shape{1, dataset.height, dataset.width}.to_string());
  }
  if (const Index outputs = model::class_count(spec); outputs != static_cast<Index>(classes)) {
    throw ArgumentError("[train] the model gives " + std::to_string(outputs) + " classes, the data have " +
                        std::to_string(classes));
  }
}

image::Normalization learn_normalization(const TrainOptions& options, const data::Dataset& dataset,
                                         const std::vector<std::uint32_t>& rows) {
  if (!options.per_pixel)
    return {.per_image = options.per_image, .scale = options.input_scale, .mean = {}, .inv_std = {}};
  const Index size = dataset.image_size();
  std::vector<std::uint8_t> pixels;
  pixels.reserve(rows.size() * static_cast<std::size_t>(size));
  for (std::uint32_t row : rows) {
    const auto image = dataset.image(static_cast<Index>(row));
    pixels.insert(pixels.end(), image.begin(), image.end());
  }
  return image::fit_per_pixel(options.per_image, options.input_scale, pixels.data(),
                              static_cast<Index>(rows.size()), size);
}

bool prepares_alike(const image::Normalization& a, const image::Normalization& b) {
  const auto pixels = [](const Tensor& mean) { return mean.defined() ? mean.size() : 0; };
  return a.per_image == b.per_image && a.scale == b.scale && pixels(a.mean) == pixels(b.mean);
}

std::string describe(const image::Normalization& normalization) {
  return "per-image " + std::string(to_string(normalization.per_image)) + ", scale " +
         format_number(double{normalization.scale}) + ", per-pixel " +
         (normalization.mean.defined() ? "on for " + std::to_string(normalization.mean.size()) + " pixels"
                                       : std::string("off"));
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

Trainer::Trainer(TrainOptions options, const data::Dataset& dataset, std::vector<std::uint32_t> train_rows,
                 std::vector<std::string> labels)
    : options_(std::move(options)),
      dataset_(dataset),
      labels_(std::move(labels)),
      schedule_(options_.schedule) {
  check_fit(options_, dataset, labels_.size());
  check_objective(options_);
  class_weights_ = class_weights(options_, dataset, train_rows, labels_.size());
  if (const auto& files = options_.distillation.teachers; !files.empty()) {
    teachers_.emplace(files, Shape{1, dataset.height, dataset.width}, labels_, options_.batch);
  }
  normalization_ = learn_normalization(options_, dataset, train_rows);
  network_ = nn::build(options_.spec);
  parameters_ = network_.parameters();
  nn::initialize(network_, options_.initialization, options_.seed);
  optimizer_ = make_optimizer(options_, parameters_);
  if (options_.average != 0) average_ = std::make_unique<optim::WeightAverage>(parameters_, options_.average);
  loader_ = std::make_unique<data::Loader>(dataset, std::move(train_rows), normalization_, options_.batch,
                                           options_.seed, options_.augmentation);
}

void Trainer::set_normalization(const image::Normalization& normalization) {
  normalization_ = normalization;
  // What was read from a file would keep all of it mapped.
  for (Tensor* tensor : {&normalization_.mean, &normalization_.inv_std}) {
    if (tensor->defined()) *tensor = tensor->clone();
  }
  loader_->set_normalization(normalization_);
}

void Trainer::start_from(const model::ModelFile& model) {
  if (model.labels != labels_) {
    throw DataError(model.name + ": its labels are " + join(model.labels, ", ") + ", expected " +
                    join(labels_, ", "));
  }
  if (!prepares_alike(model.normalization, normalization_)) {
    throw ArgumentError("[start] " + model.name + " takes images prepared with " +
                        describe(model.normalization) + ", the options say " + describe(normalization_));
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
  const std::uint64_t step = steps_done();
  const float rate = schedule_.rate(step);
  data::Batch batch = loader_->batch(step);
  const data::Mix mix =
      data::draw_mix(options_.mix, options_.seed, {.step = step, .total = schedule_.options().total_steps},
                     batch.images.shape());
  const Tensor targets = data::mixed_targets(mix, batch.labels, static_cast<Index>(labels_.size()));
  batch.images = data::mixed(mix, batch.images);
  Tensor teacher;
  if (teachers_) {
    teacher = teachers_->probabilities(batch.pixels, mix, options_.distillation.temperature);
  }
  RunningStatistics statistics(parameters_);
  Tape tape;
  const Variable logits = network_.forward(tape, tape.constant(batch.images),
                                           nn::Mode::train(options_.seed, step, options_.precision));
  const Variable loss = objective(options_, logits, targets, class_weights_, teacher);
  const float loss_value = loss.value().data()[0];
  StepResult result;
  result.images = static_cast<Index>(batch.labels.size());
  result.correct = count_correct(logits.value(), targets);
  const bool summed = options_.loss.reduction == autograd::CrossEntropyOptions::Reduction::sum;
  result.loss = double{loss_value} / (summed ? static_cast<double>(result.images) : 1.0);
  try {
    if (!options_.guard || std::isfinite(loss_value)) tape.backward(loss);
    if (options_.guard) check_step(batch, loss_value);
  } catch (const DivergedError&) {
    optimizer_->clear_gradients();
    statistics.restore();
    throw;
  }
  optimizer_->step(rate);
  if (average_ != nullptr) average_->update(steps_done());
  return result;
}

eval::Evaluation Trainer::evaluate(std::span<const std::uint32_t> rows) {
  // Batches of another size need other blocks; those of the steps would only lie there meanwhile, and vice
  // versa.
  release_cached_memory();
  const optim::Averaged averaged(average_.get());
  // By what will predict with these weights, so that the figures are of the same bits.
  infer::Session session(current_model(), eval::kEvaluationBatch);
  const auto classify = [&](float* probabilities, const float* x, Index n) {
    session.logits(probabilities, x, n);
    if (options_.guard && !ops::all_finite(probabilities, n * session.class_count())) {
      const Tensor images = Tensor::from({n, 1, dataset_.height, dataset_.width},
                                         {x, static_cast<std::size_t>(n * dataset_.image_size())});
      throw diverged("in the evaluation " + first_bad_output(images, nn::Mode::eval()));
    }
    ops::softmax(probabilities, probabilities, n, session.class_count());
  };
  eval::Evaluation evaluation = eval::evaluate(dataset_, rows, normalization_, labels_, classify);
  release_cached_memory();
  return evaluation;
}

model::ModelFile Trainer::current_model() const {
  model::ModelFile model;
  model.name = options_.model_name;
  model.spec = options_.spec;
  model.labels = labels_;
  model.normalization = normalization_;
  for (const Parameter* parameter : parameters_) model.weights.push_back({parameter->name, parameter->value});
  return model;
}

model::ModelFile Trainer::snapshot(Weights which) {
  const optim::Averaged averaged(which == Weights::kept ? average_.get() : nullptr);
  model::ModelFile model = current_model();
  model.sample_input = sample_image();
  Tape tape(Tape::Recording::off);
  const Variable logits = network_.forward(tape, tape.constant(model.sample_input), nn::Mode::eval());
  model.sample_output = autograd::softmax(logits).value();
  return model;
}

Tensor Trainer::sample_image() const {
  return model::noise_sample(options_.spec, normalization_);
}

}  // namespace mien::train
