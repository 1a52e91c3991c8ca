#include "mien/model/describe.hpp"

#include <algorithm>

#include "mien/model/graph.hpp"

namespace mien::model {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right = false) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string describe(const ModelSpec& spec) {
  constexpr std::size_t kName = 14, kShape = 14, kWeights = 12;
  const Graph graph = plan(spec);
  constexpr std::size_t kWidest = 60;  // longer ones push what follows
  std::size_t text = 26;
  for (const Layer& layer : spec.layers) text = std::max(text, std::min(kWidest, layer_text(layer).size() + 2));
  std::string table = padded("input", kName) +
                      padded(spec.input_tag.empty() ? "" : "as " + spec.input_tag, text) +
                      padded(graph.input.to_string(), kShape, true) + "\n";
  for (const Node& node : graph.nodes) {
    Index weights = 0;
    for (const ParameterSpec& parameter : node.parameters) weights += parameter.shape.size();
    const Layer& layer = spec.layers[static_cast<std::size_t>(node.place)];
    table += padded(node.name, kName) + padded(layer_text(layer), text) +
             padded(node.output.to_string(), kShape, true) +
             padded(weights == 0 ? "" : std::to_string(weights), kWeights, true) + "\n";
  }
  return table + padded("trained weights", kName + text + kShape) +
         padded(std::to_string(weight_count(spec)), kWeights, true) + "\n";
}

}  // namespace mien::model
