// A network as plain data: the list of layers that training (nn::build) and prediction (infer::Session)
// both read. Its text form is what users write:
//
//   input 1 48 48 | conv 64 5 same | relu | maxpool 3 2 same | lrn 4 1 0.000111 0.75 | dense 7
//
// Layers are separated by `|` or line ends, `#` starts a comment. The last layer's outputs are the
// logits; softmax is understood.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/model/layers/activation.hpp"
#include "mien/model/layers/conv.hpp"
#include "mien/model/layers/dense.hpp"
#include "mien/model/layers/norm.hpp"
#include "mien/model/layers/pool.hpp"

namespace mien::model {

/// Every kind, in the order in which messages list them.
using LayerSpec = std::variant<ConvSpec, MaxPoolSpec, AvgPoolSpec, GlobalPoolSpec, LrnSpec, BatchNormSpec,
                               ReluSpec, DropoutSpec, FlattenSpec, DenseSpec>;

struct ModelSpec {
  static constexpr Limits<Index> kChannels{1, 1024};
  static constexpr Limits<Index> kEdge{1, 4096};  // of the input
  static constexpr std::size_t kMaxLayers = 1000;

  Index channels = 1;
  Index height = 48;
  Index width = 48;
  std::vector<LayerSpec> layers;

  /// Parses the text form and checks that the layers fit each other. Throws ArgumentError reading
  /// `source:line:column: what`.
  static ModelSpec from_text(std::string_view text, std::string_view source = "spec");
  static ModelSpec from_file(const std::string& path);
  /// The canonical text, on one line; from_text(to_text()) gives an equal spec.
  std::string to_text() const;

  friend bool operator==(const ModelSpec&, const ModelSpec&) = default;
};

/// One layer's part of the canonical text: "conv 64 5 same".
std::string layer_text(const LayerSpec& layer);

/// Whether any layer is of that kind: has_layer<DenseSpec>(spec).
template <class Kind>
bool has_layer(const ModelSpec& spec) {
  return std::any_of(spec.layers.begin(), spec.layers.end(),
                     [](const LayerSpec& layer) { return std::holds_alternative<Kind>(layer); });
}

/// The same network with a dropout of `rate` in front of every dense layer, instead of what is there now; with
/// rate 0 without any in front of them. Throws ArgumentError for a rate that is not 0 to 0.99.
ModelSpec with_dropout(const ModelSpec& spec, float rate);

/// A network that comes with the library, for gray faces of 48 x 48 pixels and 7 classes:
/// paper: the one this project started from, 61.6 M weights;
/// small: 3x3 convolutions and batch normalization for a phone, 0.6 M weights;
/// large: the same kind, 2.9 M weights.
/// Throws ArgumentError for another name.
ModelSpec preset(std::string_view name);
bool is_preset(std::string_view name);
std::string preset_names();  ///< "paper, small, large"
ModelSpec paper_spec();      ///< preset("paper")

/// A layer with everything that follows from its place in the network.
struct PlannedLayer : Placement {
  LayerSpec spec;
};

/// Shapes, names and parameters, layer by layer. Throws ArgumentError naming the layer that does not fit, or
/// has a number that the text form would not take.
std::vector<PlannedLayer> plan(const ModelSpec& spec);

/// Outputs of the last layer. Throws ArgumentError for an empty spec or one that ends in an image.
Index class_count(const ModelSpec& spec);
Index weight_count(const ModelSpec& spec);

}  // namespace mien::model
