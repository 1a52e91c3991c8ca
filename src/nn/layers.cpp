#include "mien/nn/layers.hpp"

#include <utility>

#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "mien/core/random.hpp"

namespace mien::nn {
namespace {

using autograd::Parameter;
using autograd::Tape;
using autograd::Variable;

Parameter make_parameter(const std::string& layer, const char* role, const Shape& shape,
                         bool trainable = true) {
  return {.name = layer + "." + role, .value = Tensor(shape), .trainable = trainable, .gradient = {}};
}

autograd::MaxPoolOptions max_pool_options(const model::MaxPoolSpec& s) {
  return {.kernel = s.kernel, .stride = s.stride, .padding = s.padding};
}

// A layer that draws or learns is a class of its own; the tape operation is all there is to the others.
struct Apply {
  const Variable& x;
  Variable operator()(const model::MaxPoolSpec& s) const {
    return autograd::max_pool2d(x, max_pool_options(s));
  }
  Variable operator()(const model::AvgPoolSpec& s) const {
    return autograd::avg_pool2d(x, s.kernel, s.stride, s.padding);
  }
  Variable operator()(const model::GlobalPoolSpec&) const { return autograd::global_avg_pool(x); }
  Variable operator()(const model::LrnSpec& s) const { return autograd::local_response_norm(x, s); }
  Variable operator()(const model::ReluSpec&) const { return autograd::relu(x); }
  Variable operator()(const model::FlattenSpec&) const { return autograd::flatten(x); }
  Variable operator()(const model::ConvSpec&) const { return refuse(); }
  Variable operator()(const model::DenseSpec&) const { return refuse(); }
  Variable operator()(const model::BatchNormSpec&) const { return refuse(); }
  Variable operator()(const model::DropoutSpec&) const { return refuse(); }
  [[noreturn]] static Variable refuse() { throw ArgumentError("[stateless] this kind of layer has a state"); }
};

struct Build {
  const model::PlannedLayer& layer;
  std::uint32_t index;
  using Result = std::unique_ptr<Module>;
  Result operator()(const model::ConvSpec& s) const {
    return std::make_unique<Conv2d>(layer.name, layer.input[0], s);
  }
  Result operator()(const model::DenseSpec& s) const {
    return std::make_unique<Dense>(layer.name, layer.input.size(), s);
  }
  Result operator()(const model::BatchNormSpec& s) const {
    return std::make_unique<BatchNorm>(layer.name, layer.input[0], s);
  }
  Result operator()(const model::DropoutSpec& s) const {
    return std::make_unique<Dropout>(layer.name, s, index);
  }
  template <typename Other>
  Result operator()(const Other& s) const {
    return std::make_unique<Stateless>(layer.name, s);
  }
};

}  // namespace

Conv2d::Conv2d(std::string name, Index in_channels, const model::ConvSpec& options)
    : Module(std::move(name)),
      options_(options),
      weight_(
          make_parameter(this->name(), "weight", {options.out, in_channels, options.kernel, options.kernel})),
      bias_(make_parameter(this->name(), "bias", {options.out})) {}

Variable Conv2d::forward(Tape& tape, const Variable& x, const Mode&) {
  autograd::Conv2dOptions options{
      .stride = options_.stride, .padding = options_.padding, .relu = relu_follows_};
  if (max_pool_follows_) options.max_pool = max_pool_options(*max_pool_follows_);
  const Variable w = tape.parameter(weight_);
  if (!options_.bias) return autograd::conv2d(x, w, nullptr, options);
  const Variable b = tape.parameter(bias_);
  return autograd::conv2d(x, w, &b, options);
}

bool Conv2d::absorb(const model::LayerSpec& next) {
  if (max_pool_follows_) return false;
  const auto* pool = std::get_if<model::MaxPoolSpec>(&next);
  if (pool != nullptr) max_pool_follows_ = *pool;
  const bool relu = std::holds_alternative<model::ReluSpec>(next);
  relu_follows_ |= relu;
  return relu || pool != nullptr;
}

std::vector<Parameter*> Conv2d::parameters() {
  if (!options_.bias) return {&weight_};
  return {&weight_, &bias_};
}

Dense::Dense(std::string name, Index in, const model::DenseSpec& options)
    : Module(std::move(name)),
      options_(options),
      weight_(make_parameter(this->name(), "weight", {in, options.out})),
      bias_(make_parameter(this->name(), "bias", {options.out})) {}

Variable Dense::forward(Tape& tape, const Variable& x, const Mode& mode) {
  const Variable w = tape.parameter(weight_);
  if (!options_.bias) return autograd::dense(x, w, nullptr, mode.precision());
  const Variable b = tape.parameter(bias_);
  return autograd::dense(x, w, &b, mode.precision());
}

std::vector<Parameter*> Dense::parameters() {
  if (!options_.bias) return {&weight_};
  return {&weight_, &bias_};
}

BatchNorm::BatchNorm(std::string name, Index channels, const model::BatchNormSpec& options)
    : Module(std::move(name)),
      options_(options),
      gamma_(make_parameter(this->name(), "weight", {channels})),
      beta_(make_parameter(this->name(), "bias", {channels})),
      running_mean_(make_parameter(this->name(), "running_mean", {channels}, false)),
      running_variance_(make_parameter(this->name(), "running_var", {channels}, false)) {
  gamma_.value.fill(1.0f);
  running_variance_.value.fill(1.0f);
}

Variable BatchNorm::forward(Tape& tape, const Variable& x, const Mode& mode) {
  const Variable gamma = tape.parameter(gamma_);
  const Variable beta = tape.parameter(beta_);
  if (!mode.training()) {
    const Variable y = autograd::batch_norm_eval(x, gamma, beta, options_.epsilon, running_mean_.value,
                                                 running_variance_.value);
    return relu_follows_ ? autograd::relu(y) : y;
  }
  Tensor mean;
  Tensor variance;
  Variable y = autograd::batch_norm_train(x, gamma, beta, options_.epsilon, mean, variance, relu_follows_);
  const Index samples = x.value().size() / mean.size();
  const float unbias = samples > 1 ? static_cast<float>(samples) / static_cast<float>(samples - 1) : 1.0f;
  const float k = options_.momentum;
  for (Index c = 0; c < mean.size(); ++c) {
    float& m = running_mean_.value.mutable_data()[c];
    float& v = running_variance_.value.mutable_data()[c];
    m = (1.0f - k) * m + k * mean.data()[c];
    v = (1.0f - k) * v + k * variance.data()[c] * unbias;
  }
  return y;
}

std::vector<Parameter*> BatchNorm::parameters() {
  return {&gamma_, &beta_, &running_mean_, &running_variance_};
}

bool BatchNorm::absorb(const model::LayerSpec& next) {
  const bool relu = std::holds_alternative<model::ReluSpec>(next);
  relu_follows_ |= relu;
  return relu;
}

Dropout::Dropout(std::string name, const model::DropoutSpec& options, std::uint32_t stream)
    : Module(std::move(name)), options_(options), stream_(stream) {}

Variable Dropout::forward(Tape&, const Variable& x, const Mode& mode) {
  if (!mode.training()) return x;
  const std::uint64_t id = (std::uint64_t{stream_} << 48) | mode.step();
  return autograd::dropout(x, options_.rate, RandomStream(mode.seed(), RandomPurpose::dropout, id).key());
}

Stateless::Stateless(std::string name, model::LayerSpec spec)
    : Module(std::move(name)), spec_(std::move(spec)) {}

Variable Stateless::forward(Tape&, const Variable& x, const Mode&) {
  return std::visit(Apply{x}, spec_);
}

Sequential build(const model::ModelSpec& spec) {
  Sequential network;
  std::uint32_t index = 0;
  for (const model::PlannedLayer& layer : model::plan(spec)) {
    const auto& modules = network.modules();
    if (modules.empty() || !modules.back()->absorb(layer.spec)) {
      network.add(std::visit(Build{layer, index}, layer.spec));
    }
    ++index;
  }
  return network;
}

}  // namespace mien::nn
