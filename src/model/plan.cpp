// What follows from a list of layers: shapes, names, parameters.
#include <map>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/model/spec.hpp"
#include "model/limits.hpp"

namespace mien::model {
namespace {

// No sane network of this library's kind comes near; a hostile file may.
constexpr Index kMaxActivation = Index{1} << 28;
constexpr Index kMaxWeights = Index{1} << 31;

std::string text(Index value) {
  return std::to_string(value);
}
std::string text(float value) {
  return format_number(shortest_decimal(value));
}

// A specification need not come from a text.
template <typename Number>
void require(const std::string& where, const char* what, Number value, const Limits<Number>& limits) {
  if (value >= limits.low && value <= limits.high) return;
  throw ArgumentError("[" + where + "] " + what + " must be " + text(limits.low) + " to " + text(limits.high) +
                      ", got " + text(value));
}

struct Planner {
  PlannedLayer& layer;

  const Shape& in() const { return layer.input; }
  [[noreturn]] void fail(const std::string& what) const { throw ArgumentError("[" + layer.name + "] " + what); }
  void require_image() const {
    if (in().rank() != 3) fail("needs an image, its input is " + in().to_string());
  }
  template <typename Number>
  void require(const char* what, Number value, const Limits<Number>& limits) const {
    model::require(layer.name, what, value, limits);
  }
  void add(const char* role, Shape shape, bool trainable = true) {
    layer.parameters.push_back({layer.name + "." + role, shape, trainable});
  }
  void pool(Index kernel, Index stride, Padding padding) {
    require_image();
    require("the window edge", kernel, kPoolWindow);
    require("the stride", stride, kStride);
    const WindowAxis h = window_axis(in()[1], kernel, stride, padding, layer.name);
    const WindowAxis w = window_axis(in()[2], kernel, stride, padding, layer.name);
    layer.output = {in()[0], h.output, w.output};
  }

  void operator()(const ConvSpec& s) {
    require_image();
    require("the number of filters", s.out, kFilters);
    require("the kernel edge", s.kernel, kKernel);
    require("the stride", s.stride, kStride);
    const WindowAxis h = window_axis(in()[1], s.kernel, s.stride, s.padding, layer.name);
    const WindowAxis w = window_axis(in()[2], s.kernel, s.stride, s.padding, layer.name);
    layer.output = {s.out, h.output, w.output};
    add("weight", {s.out, in()[0], s.kernel, s.kernel});
    if (s.bias) add("bias", {s.out});
  }
  void operator()(const MaxPoolSpec& s) { pool(s.kernel, s.stride, s.padding); }
  void operator()(const AvgPoolSpec& s) { pool(s.kernel, s.stride, s.padding); }
  void operator()(const GlobalPoolSpec&) {
    require_image();
    layer.output = {in()[0]};
  }
  void operator()(const LrnSpec& s) {
    require_image();
    require("the radius", s.radius, kRadius);
    require("the bias", s.bias, kLrnBias);
    require("alpha", s.alpha, kLrnAlpha);
    require("beta", s.beta, kLrnBeta);
  }
  void operator()(const BatchNormSpec& s) {
    require("epsilon", s.epsilon, kEpsilon);
    require("the momentum", s.momentum, kMomentum);
    const Shape channels{in()[0]};
    add("weight", channels);
    add("bias", channels);
    add("running_mean", channels, false);
    add("running_var", channels, false);
  }
  void operator()(const ReluSpec&) {}
  void operator()(const DropoutSpec& s) { require("the rate", s.rate, kDropoutRate); }
  void operator()(const FlattenSpec&) { layer.output = {in().size()}; }
  void operator()(const DenseSpec& s) {
    require("the number of outputs", s.out, kOutputs);
    layer.output = {s.out};
    add("weight", {in().size(), s.out});
    if (s.bias) add("bias", {s.out});
  }
};

struct KindName {
  const char* operator()(const ConvSpec&) const { return "conv"; }
  const char* operator()(const MaxPoolSpec&) const { return "maxpool"; }
  const char* operator()(const AvgPoolSpec&) const { return "avgpool"; }
  const char* operator()(const GlobalPoolSpec&) const { return "globalpool"; }
  const char* operator()(const LrnSpec&) const { return "lrn"; }
  const char* operator()(const BatchNormSpec&) const { return "batchnorm"; }
  const char* operator()(const ReluSpec&) const { return "relu"; }
  const char* operator()(const DropoutSpec&) const { return "dropout"; }
  const char* operator()(const FlattenSpec&) const { return "flatten"; }
  const char* operator()(const DenseSpec&) const { return "dense"; }
};

}  // namespace

std::vector<PlannedLayer> plan(const ModelSpec& spec) {
  require("input", "the number of channels", spec.channels, kChannels);
  require("input", "the height", spec.height, kEdge);
  require("input", "the width", spec.width, kEdge);
  if (spec.layers.size() > kMaxLayers) throw ArgumentError("[spec] more than 1000 layers");
  std::vector<PlannedLayer> layers;
  std::map<std::string, int> ordinals;
  Shape shape{spec.channels, spec.height, spec.width};
  Index weights = 0;
  for (const LayerSpec& layer_spec : spec.layers) {
    PlannedLayer layer{.spec = layer_spec, .name = {}, .input = shape, .output = shape, .parameters = {}};
    const std::string kind = std::visit(KindName{}, layer_spec);
    layer.name = kind + std::to_string(++ordinals[kind]);
    Planner planner{layer};
    std::visit(planner, layer_spec);
    for (const ParameterSpec& parameter : layer.parameters) weights += parameter.shape.size();
    if (layer.output.size() > kMaxActivation)
      planner.fail("its output is too large: " + layer.output.to_string());
    if (weights > kMaxWeights) planner.fail("the network has more than 2^31 weights");
    shape = layer.output;
    layers.push_back(std::move(layer));
  }
  return layers;
}

Index class_count(const ModelSpec& spec) {
  const std::vector<PlannedLayer> layers = plan(spec);
  if (layers.empty()) throw ArgumentError("[spec] no layers");
  const PlannedLayer& last = layers.back();
  if (last.output.rank() != 1) {
    throw ArgumentError("[" + last.name + "] the last layer must give one value a class, it gives " +
                        last.output.to_string());
  }
  return last.output[0];
}

Index weight_count(const ModelSpec& spec) {
  Index count = 0;
  for (const PlannedLayer& layer : plan(spec)) {
    for (const ParameterSpec& parameter : layer.parameters) {
      if (parameter.trainable) count += parameter.shape.size();
    }
  }
  return count;
}

}  // namespace mien::model
