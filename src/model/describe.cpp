#include "mien/model/describe.hpp"

namespace mien::model {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right = false) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string describe(const ModelSpec& spec) {
  const std::vector<PlannedLayer> layers = plan(spec);
  std::string table = padded("input", 14) + padded("", 26) +
                      padded(Shape{spec.channels, spec.height, spec.width}.to_string(), 14, true) + "\n";
  for (const PlannedLayer& layer : layers) {
    Index weights = 0;
    for (const ParameterSpec& parameter : layer.parameters) weights += parameter.shape.size();
    table += padded(layer.name, 14) + padded(layer_text(layer.spec), 26) +
             padded(layer.output.to_string(), 14, true) +
             padded(weights == 0 ? "" : std::to_string(weights), 12, true) + "\n";
  }
  return table + padded("trained weights", 54) + padded(std::to_string(weight_count(spec)), 12, true) + "\n";
}

}  // namespace mien::model
