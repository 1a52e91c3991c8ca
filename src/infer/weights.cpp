// A node's weights as predicting needs them.
#include <cmath>

#include "infer/step.hpp"
#include "mien/core/error.hpp"
#include "model/geometry.hpp"
#include "ops/ops.hpp"

namespace mien::infer {
namespace {

using model::Node;

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

Affine batch_norm_affine(const Node& layer, const model::BatchNormSpec& s,
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

void fold(Step& step, const Affine& affine) {
  if (step.encoded.defined()) {
    step.encoded.scale = scaled(step.encoded, affine.factor);
  } else {
    step.weight = scaled(step.weight, affine.factor, !std::holds_alternative<model::DenseSpec>(step.node.spec));
  }
  step.bias = shifted(step.bias, affine);
}

}  // namespace

Step make_step(const Node& node, const std::vector<model::Weight>& weights) {
  Step step{
      .node = node, .weight = {}, .bias = {}, .encoded = {}, .prepared = {}, .for_batches = {}, .parts = {}};
  step.parts.reserve(node.inputs.size());
  if (const auto* s = std::get_if<model::BatchNormSpec>(&node.spec)) {
    const Affine affine = batch_norm_affine(node, *s, weights);
    step.weight = affine.factor;
    step.bias = affine.shift;
    return step;
  }
  for (const model::ParameterSpec& parameter : node.parameters) {
    const model::Weight& weight = find(weights, parameter.name);
    const bool is_weight = parameter.name == node.name + ".weight";
    (is_weight ? step.weight : step.bias) = weight.tensor;
    if (is_weight && !weight.tensor.defined()) step.encoded = weight.encoded;
    if (is_weight) step.narrow = weight.encoded.defined();
  }
  for (const Node& next : node.epilogue) {
    const auto* s = std::get_if<model::BatchNormSpec>(&next.spec);
    if (s != nullptr) fold(step, batch_norm_affine(next, *s, weights));
  }
  if (const auto* s = std::get_if<model::ConvSpec>(&node.spec)) {
    step.prepared = ops::prepare_filter(step.weight.data(), model::geometry_of(node, *s));
  }
  return step;
}

}  // namespace mien::infer
