#include "mien/infer/session.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/core/error.hpp"
#include "ops/geometry.hpp"
#include "ops/ops.hpp"

namespace mien::infer {
namespace {

using model::PlannedLayer;

const model::Weight& find(const std::vector<model::Weight>& weights, const std::string& name) {
  for (const model::Weight& weight : weights) {
    if (weight.name == name) return weight;
  }
  throw ArgumentError("[session] weight " + name + " is missing");
}

// Batch normalization with fixed statistics is y = x * factor + shift.
struct Affine {
  Tensor factor, shift;
};

Affine batch_norm_affine(const PlannedLayer& layer, const model::BatchNormSpec& s,
                         const std::vector<model::Weight>& weights) {
  const Tensor& gamma = find(weights, layer.name + ".weight").tensor;
  const Tensor& beta = find(weights, layer.name + ".bias").tensor;
  const Tensor& mean = find(weights, layer.name + ".running_mean").tensor;
  const Tensor& variance = find(weights, layer.name + ".running_var").tensor;
  Affine affine{Tensor(gamma.shape()), Tensor(gamma.shape())};
  for (Index c = 0; c < gamma.size(); ++c) {
    const float factor = gamma.data()[c] / std::sqrt(variance.data()[c] + s.epsilon);
    affine.factor.mutable_data()[c] = factor;
    affine.shift.mutable_data()[c] = beta.data()[c] - mean.data()[c] * factor;
  }
  return affine;
}

// Puts the factors of an affine map behind a convolution or dense layer into its weights.
Tensor scaled(const Tensor& weight, const Tensor& factor, bool convolution) {
  Tensor result = weight.clone();
  const Index channels = factor.size();
  const Index others = weight.size() / channels;
  for (Index i = 0; i < weight.size(); ++i) {
    // [out][others] for convolutions, [others][out] for dense layers.
    result.mutable_data()[i] *= factor.data()[convolution ? i / others : i % channels];
  }
  return result;
}

// The same for encoded weights: each channel has a scale, or gets one.
Tensor scaled(const EncodedTensor& weight, const Tensor& factor) {
  Tensor scale = factor.clone();
  for (Index c = 0; weight.scale.defined() && c < scale.size(); ++c) {
    scale.mutable_data()[c] *= weight.scale.data()[c];
  }
  return scale;
}

Tensor shifted(const Tensor& bias, const Affine& affine) {
  Tensor result = affine.shift.clone();
  for (Index c = 0; bias.defined() && c < result.size(); ++c) {
    result.mutable_data()[c] += bias.data()[c] * affine.factor.data()[c];
  }
  return result;
}

ops::Conv2dGeometry geometry(const PlannedLayer& layer, const model::ConvSpec& s) {
  return ops::conv2d_geometry({layer.input[0], layer.input[1], layer.input[2]}, s.out, s.kernel, s.kernel,
                              s.stride, s.padding, layer.name);
}

}  // namespace

// One layer over a batch. Returns where the result is: `y`, or `x` when nothing had to move.
struct Session::Run {
  const Step& step;
  float* x;
  float* y;
  std::uint8_t* argmax;
  Index n;
  const PlannedLayer& layer = step.layer;

  const float* bias() const { return step.bias.defined() ? step.bias.data() : nullptr; }
  ops::ImageExtent image() const { return {layer.input[0], layer.input[1], layer.input[2]}; }
  template <typename Pool>
  ops::Pool2dGeometry pool(const Pool& s) const {
    return ops::pool2d_geometry(image(), s.kernel, s.stride, s.padding, layer.name);
  }
  Index pixels() const { return layer.input.size() / layer.input[0]; }

  float* operator()(const model::ConvSpec& s) const {
    ops::conv2d_forward(y, x, step.weight.data(), bias(), n, geometry(layer, s), step.relu, step.prepared);
    return y;
  }
  float* operator()(const model::DenseSpec& s) const {
    if (step.encoded.defined()) {
      ops::dense_forward(y, x, step.encoded, bias(), n);
    } else {
      ops::dense_forward(y, x, step.weight.data(), bias(), n, layer.input.size(), s.out);
    }
    return y;
  }
  float* operator()(const model::MaxPoolSpec& s) const {
    ops::max_pool2d_forward(y, argmax, x, n, pool(s));
    return y;
  }
  float* operator()(const model::AvgPoolSpec& s) const {
    ops::avg_pool2d_forward(y, x, n, pool(s));
    return y;
  }
  float* operator()(const model::GlobalPoolSpec&) const {
    ops::global_avg_pool_forward(y, x, n * layer.input[0], pixels());
    return y;
  }
  float* operator()(const model::LrnSpec& s) const {
    ops::lrn_forward(y, x, n, layer.input[0], pixels(), {s.radius, s.bias, s.alpha, s.beta});
    return y;
  }
  float* operator()(const model::BatchNormSpec&) const {
    ops::affine_channels(x, n, layer.input[0], pixels(), step.weight.data(), step.bias.data());
    return x;
  }
  float* operator()(const model::ReluSpec&) const {
    ops::relu_forward(x, x, n * layer.input.size());
    return x;
  }
  float* operator()(const model::DropoutSpec&) const { return x; }
  float* operator()(const model::FlattenSpec&) const { return x; }
};

Session::Session(const model::ModelFile& model, Index max_batch) : max_batch_(max_batch) {
  if (max_batch < 1) throw ArgumentError("[session] max_batch must be at least 1");
  if (!model::is_temperature(model.temperature)) {
    throw ArgumentError("[session] the temperature must be a finite number above 0");
  }
  classes_ = model::class_count(model.spec);
  const Shape input{model.spec.channels, model.spec.height, model.spec.width};
  input_size_ = input.size();
  temperature_ = model.temperature;
  Index largest = input_size_;
  Index largest_argmax = 0;
  for (const PlannedLayer& layer : model::plan(model.spec)) {
    add_step(layer, model.weights);
    largest = std::max(largest, layer.output.size());
    if (std::holds_alternative<model::MaxPoolSpec>(layer.spec)) {
      largest_argmax = std::max(largest_argmax, layer.output.size());
    }
  }
  prepare_filters();
  for (Tensor& buffer : buffers_) buffer = Tensor::uninitialized({max_batch, largest});
  argmax_.resize(static_cast<std::size_t>(max_batch * largest_argmax));
  check_sample(model);
}

void Session::add_step(const PlannedLayer& layer, const std::vector<model::Weight>& weights) {
  if (merge(layer, weights)) return;
  Step step{.layer = layer, .weight = {}, .bias = {}, .encoded = {}, .prepared = {}};
  if (const auto* s = std::get_if<model::BatchNormSpec>(&layer.spec)) {
    const Affine affine = batch_norm_affine(layer, *s, weights);
    step.weight = affine.factor;
    step.bias = affine.shift;
  } else {
    for (const model::ParameterSpec& parameter : layer.parameters) {
      const model::Weight& weight = find(weights, parameter.name);
      const bool is_weight = parameter.name == layer.name + ".weight";
      (is_weight ? step.weight : step.bias) = weight.tensor;
      if (is_weight && !weight.tensor.defined()) step.encoded = weight.encoded;
    }
  }
  steps_.push_back(std::move(step));
}

bool Session::merge(const PlannedLayer& layer, const std::vector<model::Weight>& weights) {
  if (std::holds_alternative<model::DropoutSpec>(layer.spec) ||
      std::holds_alternative<model::FlattenSpec>(layer.spec)) {
    return true;
  }
  if (steps_.empty() || steps_.back().relu) return false;
  Step& before = steps_.back();
  const bool conv = std::holds_alternative<model::ConvSpec>(before.layer.spec);
  if (conv && std::holds_alternative<model::ReluSpec>(layer.spec)) {
    before.relu = true;
    return true;
  }
  const auto* batch_norm = std::get_if<model::BatchNormSpec>(&layer.spec);
  if (batch_norm == nullptr || (!conv && !std::holds_alternative<model::DenseSpec>(before.layer.spec))) {
    return false;
  }
  // A flatten in between has left no step: the statistics are then those of pixels, not of channels.
  if (layer.input != before.layer.output) return false;
  const Affine affine = batch_norm_affine(layer, *batch_norm, weights);
  if (before.encoded.defined()) {
    before.encoded.scale = scaled(before.encoded, affine.factor);
  } else {
    before.weight = scaled(before.weight, affine.factor, conv);
  }
  before.bias = shifted(before.bias, affine);
  return true;
}

void Session::prepare_filters() {
  for (Step& step : steps_) {
    const auto* s = std::get_if<model::ConvSpec>(&step.layer.spec);
    if (s != nullptr) step.prepared = ops::prepare_filter(step.weight.data(), geometry(step.layer, *s));
  }
}

float* Session::run(const float* x, Index n) {
  float* current = buffers_[0].mutable_data();
  float* other = buffers_[1].mutable_data();
  std::copy_n(x, n * input_size_, current);
  for (const Step& step : steps_) {
    const Run run{step, current, other, argmax_.data(), n};
    if (std::visit(run, step.layer.spec) == other) std::swap(current, other);
  }
  return current;
}

void Session::logits(float* out, const float* x, Index n) {
  for (Index begin = 0; begin < n; begin += max_batch_) {
    const Index count = std::min(max_batch_, n - begin);
    const float* result = run(x + begin * input_size_, count);
    std::copy_n(result, count * classes_, out + begin * classes_);
  }
}

void Session::predict(float* probabilities, const float* x, Index n) {
  for (Index begin = 0; begin < n; begin += max_batch_) {
    const Index count = std::min(max_batch_, n - begin);
    float* result = run(x + begin * input_size_, count);
    if (temperature_ != 1) {
      std::for_each(result, result + count * classes_, [this](float& logit) { logit /= temperature_; });
    }
    ops::softmax(probabilities + begin * classes_, result, count, classes_);
  }
}

void Session::check_sample(const model::ModelFile& model) {
  if (!model.sample_output.defined()) return;
  // Instruction sets round differently, and so does folding; a wrong layer or weight is off by far more.
  constexpr float kTolerance = 1e-3f;
  Tensor output = Tensor::uninitialized({1, classes_});
  predict(output.mutable_data(), model.sample_input.data(), 1);
  for (Index c = 0; c < classes_; ++c) {
    if (!(std::fabs(output.data()[c] - model.sample_output.data()[c]) <= kTolerance)) {
      throw DataError(model.name + ": the weights do not give the file's sample output; class " +
                      std::to_string(c) + " is " + std::to_string(output.data()[c]) + ", expected " +
                      std::to_string(model.sample_output.data()[c]));
    }
  }
}

}  // namespace mien::infer
