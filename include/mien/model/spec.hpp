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
#include "mien/core/window.hpp"

namespace mien::model {

/// `conv OUT KERNEL [same|valid] [stride S] [nobias]`: cross-correlation, OUT filters of KERNEL x KERNEL.
struct ConvSpec {
  Index out = 0;
  Index kernel = 0;
  Padding padding = Padding::same;
  Index stride = 1;
  bool bias = true;
  friend bool operator==(const ConvSpec&, const ConvSpec&) = default;
};
/// `maxpool KERNEL STRIDE [same|valid]`; padding never wins.
struct MaxPoolSpec {
  Index kernel = 0;
  Index stride = 0;
  Padding padding = Padding::valid;
  friend bool operator==(const MaxPoolSpec&, const MaxPoolSpec&) = default;
};
/// `avgpool KERNEL STRIDE [same|valid]`; padding is not counted.
struct AvgPoolSpec {
  Index kernel = 0;
  Index stride = 0;
  Padding padding = Padding::valid;
  friend bool operator==(const AvgPoolSpec&, const AvgPoolSpec&) = default;
};
/// `globalpool`: the mean of each channel.
struct GlobalPoolSpec {
  friend bool operator==(const GlobalPoolSpec&, const GlobalPoolSpec&) = default;
};
/// `lrn RADIUS BIAS ALPHA BETA`: y = x / (BIAS + ALPHA * sum of x^2 over 2*RADIUS+1 channels)^BETA. ALPHA is
/// not divided by the window size (TensorFlow's convention; PyTorch, Caffe and ONNX divide).
struct LrnSpec {
  Index radius = 0;
  float bias = 1;
  float alpha = 0;
  float beta = 0.75f;
  friend bool operator==(const LrnSpec&, const LrnSpec&) = default;
};
/// `batchnorm [EPSILON MOMENTUM]`: running = (1 - MOMENTUM) * running + MOMENTUM * batch, as PyTorch.
struct BatchNormSpec {
  float epsilon = 1e-5f;
  float momentum = 0.1f;
  friend bool operator==(const BatchNormSpec&, const BatchNormSpec&) = default;
};
/// `relu`
struct ReluSpec {
  friend bool operator==(const ReluSpec&, const ReluSpec&) = default;
};
/// `dropout RATE`: RATE, 0 to 0.99, is the share set to zero while training; nothing when predicting.
struct DropoutSpec {
  float rate = 0.5f;
  friend bool operator==(const DropoutSpec&, const DropoutSpec&) = default;
};
/// `flatten`: C x H x W to one axis. `dense` does it by itself.
struct FlattenSpec {
  friend bool operator==(const FlattenSpec&, const FlattenSpec&) = default;
};
/// `dense OUT [nobias]`: every output sees every input.
struct DenseSpec {
  Index out = 0;
  bool bias = true;
  friend bool operator==(const DenseSpec&, const DenseSpec&) = default;
};

using LayerSpec = std::variant<ConvSpec, MaxPoolSpec, AvgPoolSpec, GlobalPoolSpec, LrnSpec, BatchNormSpec,
                               ReluSpec, DropoutSpec, FlattenSpec, DenseSpec>;

struct ModelSpec {
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

/// One trainable tensor or running statistic of a network.
struct ParameterSpec {
  std::string name;  ///< "conv1.weight": kind, place among its kind, role
  Shape shape;
  bool trainable = true;  ///< false for the running statistics of batchnorm
};

/// A layer with everything that follows from its place in the network.
struct PlannedLayer {
  LayerSpec spec;
  std::string name;  ///< "conv1", "maxpool2", ...
  Shape input;       ///< of one sample: {C, H, W} or {F}
  Shape output;
  std::vector<ParameterSpec> parameters;
};

/// Shapes, names and parameters, layer by layer. Throws ArgumentError naming the layer that does not fit, or
/// has a number that the text form would not take.
std::vector<PlannedLayer> plan(const ModelSpec& spec);

/// Outputs of the last layer. Throws ArgumentError for an empty spec or one that ends in an image.
Index class_count(const ModelSpec& spec);
Index weight_count(const ModelSpec& spec);

}  // namespace mien::model
