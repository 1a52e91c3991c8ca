// What follows from a list of layers: shapes, names, parameters.
#include <map>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/model/spec.hpp"

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
void require(const std::string& where, std::string_view what, Number value, const Limits<Number>& limits) {
  if (value >= limits.low && value <= limits.high) return;
  throw ArgumentError("[" + where + "] " + std::string(what) + " must be " + text(limits.low) + " to " +
                      text(limits.high) + ", got " + text(value));
}

// Holds a layer's numbers against their limits.
struct FieldChecker {
  const std::string& where;

  template <typename Number>
  void number(const NumberName& name, const Number& value, const Limits<Number>& limits) const {
    require(where, name.the, value, limits);
  }
  template <typename Number>
  void option(std::string_view, const NumberName& name, const Number& value,
              const Limits<Number>& limits) const {
    require(where, name.the, value, limits);
  }
  void padding(const Padding&) const {}
  void without(std::string_view, const bool&) const {}
  void rest_may_be_absent() const {}
};

}  // namespace

std::vector<PlannedLayer> plan(const ModelSpec& spec) {
  require("input", "the number of channels", spec.channels, ModelSpec::kChannels);
  require("input", "the height", spec.height, ModelSpec::kEdge);
  require("input", "the width", spec.width, ModelSpec::kEdge);
  if (spec.layers.size() > ModelSpec::kMaxLayers) throw ArgumentError("[spec] more than 1000 layers");
  std::vector<PlannedLayer> layers;
  std::map<std::string_view, int> ordinals;
  Shape shape{spec.channels, spec.height, spec.width};
  Index weights = 0;
  for (const LayerSpec& layer_spec : spec.layers) {
    PlannedLayer layer{{.name = {}, .input = shape, .output = shape, .parameters = {}}, layer_spec};
    std::visit(
        [&](const auto& kind) {
          layer.name = std::string(kind.kKind) + std::to_string(++ordinals[kind.kKind]);
          const FieldChecker checker{layer.name};
          kind.fields(kind, checker);
          kind.place(layer);
        },
        layer_spec);
    for (const ParameterSpec& parameter : layer.parameters) weights += parameter.shape.size();
    if (layer.output.size() > kMaxActivation)
      layer.fail("its output is too large: " + layer.output.to_string());
    if (weights > kMaxWeights) layer.fail("the network has more than 2^31 weights");
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
