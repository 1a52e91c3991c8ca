#include "mien/model/describe.hpp"

namespace mien::model {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right = false) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return right ? blanks + text : text + blanks;
}

std::string layer_text(const ModelSpec& spec, std::size_t index) {
  ModelSpec one;
  one.layers = {spec.layers[index]};
  const std::string text = one.to_text();
  return text.substr(text.find("| ") + 2);
}

}  // namespace

std::string describe(const ModelSpec& spec) {
  const std::vector<PlannedLayer> layers = plan(spec);
  std::string table = padded("input", 14) + padded("", 26) +
                      padded(Shape{spec.channels, spec.height, spec.width}.to_string(), 14, true) + "\n";
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Index weights = 0;
    for (const ParameterSpec& parameter : layers[i].parameters) weights += parameter.shape.size();
    table += padded(layers[i].name, 14) + padded(layer_text(spec, i), 26) +
             padded(layers[i].output.to_string(), 14, true) +
             padded(weights == 0 ? "" : std::to_string(weights), 12, true) + "\n";
  }
  return table + padded("trained weights", 54) + padded(std::to_string(weight_count(spec)), 12, true) + "\n";
}

}  // namespace mien::model
