#include "mien/model/describe.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "mien/core/text.hpp"

namespace mien::model {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right = false) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return right ? blanks + text : text + blanks;
}

std::string padded_count(double count, std::size_t width) {
  return padded(count == 0 ? "" : rounded_count(count), width, true);
}

std::string with_unit(double value, const std::array<std::string_view, 5>& units) {
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < units.size(); ++unit) value /= 1000;
  const int digits = unit == 0 || value >= 99.95 ? 0 : 1;
  return format_fixed(value, digits) + (units[unit].empty() ? "" : " ") + std::string(units[unit]);
}

}  // namespace

Index multiply_adds(const Node& node) {
  Index sum = 0;
  for (const ParameterSpec& parameter : node.parameters) {
    if (parameter.shape.rank() < 2) continue;  // of biases and the like each adds once
    const bool image = node.output.rank() == 3;
    sum += parameter.shape.size() * (image ? node.output[1] * node.output[2] : 1);
  }
  return sum;
}

Footprint footprint(const ModelSpec& spec, Use use) {
  Footprint sum{.weights = weight_count(spec)};
  const Graph graph = plan(spec);
  for (const Node& node : graph.nodes) sum.multiply_adds += static_cast<double>(multiply_adds(node));
  for (const Node& node : fuse(graph, use).nodes) sum.values += static_cast<double>(node.value_shape().size());
  return sum;
}

std::string rounded_count(double count) {
  return with_unit(count, {"", "k", "M", "G", "T"});
}

std::string bytes_text(double bytes) {
  return with_unit(bytes, {"bytes", "kB", "MB", "GB", "TB"});
}

std::string describe(const ModelSpec& spec) {
  constexpr std::size_t kName = 14, kShape = 14, kWeights = 12, kProducts = 15;
  const Graph graph = plan(spec);
  constexpr std::size_t kWidest = 60;  // longer ones push what follows
  std::size_t text = 26;
  for (const Layer& layer : spec.layers) text = std::max(text, std::min(kWidest, layer_text(layer).size() + 2));
  std::string table = padded("input", kName) +
                      padded(spec.input_tag.empty() ? "" : "as " + spec.input_tag, text) +
                      padded(graph.input.to_string(), kShape, true) + padded("weights", kWeights, true) +
                      padded("multiply-adds", kProducts, true) + "\n";
  for (const Node& node : graph.nodes) {
    Index weights = 0;
    for (const ParameterSpec& parameter : node.parameters) weights += parameter.shape.size();
    const Layer& layer = spec.layers[static_cast<std::size_t>(node.place)];
    std::string line = padded(node.name, kName) + padded(layer_text(layer), text) +
                       padded(node.output.to_string(), kShape, true);
    if (weights > 0) line += padded(std::to_string(weights), kWeights, true);
    if (const Index products = multiply_adds(node); products > 0) {
      line += padded_count(static_cast<double>(products), kProducts);
    }
    table += line + "\n";
  }
  const Footprint sum = footprint(spec, Use::predict);
  return table + padded("trained weights", kName + text + kShape) +
         padded(std::to_string(sum.weights), kWeights, true) + padded_count(sum.multiply_adds, kProducts) +
         "\nin fp32 " + bytes_text(4.0 * static_cast<double>(sum.weights)) + " of weights, " +
         bytes_text(4 * sum.values) + " of values an image\n";
}

}  // namespace mien::model
