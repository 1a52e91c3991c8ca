#include "mien/model/describe.hpp"

#include "mien/model/graph.hpp"

namespace mien::model {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right = false) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string describe(const ModelSpec& spec) {
  const Graph graph = plan(spec);
  std::string table = padded("input", 14) + padded("", 26) + padded(graph.input.to_string(), 14, true) + "\n";
  for (const Node& node : graph.nodes) {
    Index weights = 0;
    for (const ParameterSpec& parameter : node.parameters) weights += parameter.shape.size();
    const Layer& layer = spec.layers[static_cast<std::size_t>(node.place)];
    table += padded(node.name, 14) + padded(layer_text(layer), 26) + padded(node.output.to_string(), 14, true) +
             padded(weights == 0 ? "" : std::to_string(weights), 12, true) + "\n";
  }
  return table + padded("trained weights", 54) + padded(std::to_string(weight_count(spec)), 12, true) + "\n";
}

}  // namespace mien::model
