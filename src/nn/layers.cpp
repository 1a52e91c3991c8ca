#include "nn/layers.hpp"

#include <optional>

#include "autograd/activation.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/autograd/share.hpp"
#include "mien/core/random.hpp"
#include "model/kinds.hpp"

namespace mien::nn {
namespace {

using autograd::Parameter;
using autograd::Variable;

autograd::MaxPoolOptions max_pool_options(const model::MaxPoolSpec& s) {
  return {.kernel = s.kernel, .stride = s.stride, .padding = s.padding};
}

bool relu_follows(const model::Node& node) {
  return node.then<model::ReluSpec>() != nullptr;
}

// running = (1 - momentum) * running + momentum * batch
void move_statistics(Parameter& running_mean, Parameter& running_variance, const Tensor& mean,
                     const Tensor& variance, Index samples, float momentum) {
  const float unbias = samples > 1 ? static_cast<float>(samples) / static_cast<float>(samples - 1) : 1.0f;
  for (Index c = 0; c < mean.size(); ++c) {
    float& m = running_mean.value.mutable_data()[c];
    float& v = running_variance.value.mutable_data()[c];
    m = (1.0f - momentum) * m + momentum * mean.data()[c];
    v = (1.0f - momentum) * v + momentum * variance.data()[c] * unbias;
  }
}

// One operator a kind; the compiler names the kind that has none.
struct Compute {
  const LayerCall& call;
  const Variable& x = call.x();

  // Calls use(weight, pointer to the bias or null).
  template <typename Use>
  Variable with_weights(bool has_bias, Use use) const {
    const Variable w = call.parameter(0);
    if (!has_bias) return use(w, nullptr);
    const Variable b = call.parameter(1);
    return use(w, &b);
  }

  Variable operator()(const model::ConvSpec& s) const {
    autograd::Conv2dOptions options{.stride = s.stride,
                                    .padding = s.padding,
                                    .relu = relu_follows(call.node),
                                    .input = call.node.input_layout,
                                    .output = call.node.layout,
                                    .precision = call.mode.precision()};
    if (const auto* pool = call.node.then<model::MaxPoolSpec>()) options.max_pool = max_pool_options(*pool);
    return with_weights(
        s.bias, [&](const Variable& w, const Variable* b) { return autograd::conv2d(x, w, b, options); });
  }
  Variable operator()(const model::DwConvSpec& s) const {
    const autograd::DepthwiseConv2dOptions options{
        .stride = s.stride, .padding = s.padding, .relu = relu_follows(call.node)};
    return with_weights(s.bias, [&](const Variable& w, const Variable* b) {
      return autograd::depthwise_conv2d(x, w, b, options);
    });
  }
  Variable operator()(const model::DenseSpec& s) const {
    const Variable flat = autograd::flatten(x, call.node.input_layout);
    const autograd::BatchShare* rows = call.tape.share() != nullptr ? call.parameters[0].rows : nullptr;
    return with_weights(s.bias, [&](const Variable& w, const Variable* b) {
      if (rows != nullptr) return autograd::shared_dense(flat, w, b, *rows, call.mode.precision());
      return autograd::dense(flat, w, b, call.mode.precision());
    });
  }
  Variable operator()(const model::BatchNormSpec& s) const {
    const Variable gamma = call.parameter(0), beta = call.parameter(1);
    Parameter& running_mean = call.parameters[2];
    Parameter& running_variance = call.parameters[3];
    const bool relu = relu_follows(call.node);
    if (!call.mode.training()) {
      const Variable y = autograd::batch_norm_eval(x, gamma, beta, s.epsilon, running_mean.value,
                                                   running_variance.value, call.node.layout);
      return relu ? autograd::relu(y) : y;
    }
    Tensor mean, variance;
    Variable y = autograd::batch_norm_train(x, gamma, beta, s.epsilon, mean, variance, relu, call.node.layout);
    const autograd::BatchShare* share = call.tape.share();
    const Index images = share != nullptr ? share->images() : x.shape()[0];
    const Index pixels = x.value().size() / (x.shape()[0] * mean.size());
    move_statistics(running_mean, running_variance, mean, variance, images * pixels, s.momentum);
    return y;
  }
  Variable operator()(const model::DropoutSpec& s) const {
    if (!call.mode.training()) return x;
    const std::uint64_t id = (static_cast<std::uint64_t>(call.node.place) << 48) | call.mode.step();
    return autograd::dropout(x, s.rate, RandomStream(call.mode.seed(), RandomPurpose::dropout, id).key());
  }
  Variable operator()(const model::MaxPoolSpec& s) const {
    autograd::MaxPoolOptions options = max_pool_options(s);
    options.layout = call.node.layout;
    return autograd::max_pool2d(x, options);
  }
  Variable operator()(const model::AvgPoolSpec& s) const {
    return autograd::avg_pool2d(x, s.kernel, s.stride, s.padding);
  }
  Variable operator()(const model::GlobalPoolSpec&) const { return autograd::global_avg_pool(x); }
  Variable operator()(const model::LrnSpec& s) const {
    return autograd::local_response_norm(x, s, call.node.layout);
  }
  Variable operator()(const model::ReluSpec&) const { return autograd::relu(x); }
  template <model::ByValue Kind>
  Variable operator()(const Kind& s) const {
    const model::ValueFunction function = model::function_of(s);
    return autograd::activation(x, function.activation, function.slope);
  }
  Variable operator()(const model::PReluSpec&) const { return autograd::prelu(x, call.parameter(0)); }
  Variable operator()(const model::FlattenSpec&) const { return autograd::flatten(x); }
  Variable operator()(const model::FromSpec&) const { return x; }
  Variable operator()(const model::AddSpec&) const {
    return autograd::add(x, call.inputs[1], relu_follows(call.node));
  }
  Variable operator()(const model::ConcatSpec&) const { return autograd::concat(call.inputs); }
  Variable operator()(const model::GateSpec&) const {
    const bool image_first = x.shape().rank() == 4;
    return autograd::gate(image_first ? x : call.inputs[1], image_first ? call.inputs[1] : x);
  }
  Variable operator()(const model::UpsampleSpec&) const { return autograd::upsample2x(x); }
};

}  // namespace

Variable compute(const LayerCall& call) {
  return std::visit(Compute{call}, call.node.spec);
}

}  // namespace mien::nn
