// A network as plain data and as the text that users write:
//
//   input 1 48 48 | conv 64 5 same | relu | maxpool 3 2 same | lrn 4 1 0.000111 0.75 | dense 7
//
// Layers are separated by `|` or line ends, `#` starts a comment. Each layer reads what the one before it
// gives. A layer, or the input, may end in `as NAME`, so that a later one can read its value again: `add NAME`,
// `concat NAME...`, `gate NAME`, `from NAME`. The last layer's value are the logits, softmax is understood;
// unless the text ends in `output NAME...`.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/model/layers/activation.hpp"
#include "mien/model/layers/conv.hpp"
#include "mien/model/layers/dense.hpp"
#include "mien/model/layers/join.hpp"
#include "mien/model/layers/norm.hpp"
#include "mien/model/layers/pool.hpp"
#include "mien/model/layers/upsample.hpp"

namespace mien::model {

/// Every kind, in the order in which messages list them.
using LayerSpec =
    std::variant<ConvSpec, DwConvSpec, MaxPoolSpec, AvgPoolSpec, GlobalPoolSpec, LrnSpec, BatchNormSpec,
                 ReluSpec, SigmoidSpec, Relu6Spec, HSwishSpec, SiluSpec, LeakyReluSpec, PReluSpec, DropoutSpec,
                 FlattenSpec, DenseSpec, UpsampleSpec, AddSpec, ConcatSpec, GateSpec, FromSpec>;

/// A layer of a network, and what later ones call its value; mostly nothing.
struct Layer {
  LayerSpec spec;
  std::string tag;

  Layer(LayerSpec layer, std::string name = {})  // NOLINT(google-explicit-constructor): a kind is a layer
      : spec(std::move(layer)), tag(std::move(name)) {}
  template <typename Kind>
  requires std::is_constructible_v<LayerSpec, Kind> Layer(Kind kind)
      : spec(std::move(kind)) {}  // NOLINT(google-explicit-constructor)
  friend bool operator==(const Layer&, const Layer&) = default;
};

/// What a value may be called: a letter or _, then letters, digits, _ . or -, 64 of them at most; not `as`.
bool is_tag(std::string_view text);

/// A network as plain data: the size of its input and its layers.
struct ModelSpec {
  static constexpr Limits<Index> kChannels{1, 1024};
  static constexpr Limits<Index> kEdge{1, 4096};  // of the input
  static constexpr std::size_t kMaxLayers = 1000;

  Index channels = 1;
  Index height = 48;
  Index width = 48;
  std::string input_tag = {};
  std::vector<Layer> layers = {};
  std::vector<std::string> outputs = {};  ///< tags; none: the last layer's value

  Shape input_shape() const { return {channels, height, width}; }

  /// Parses the text form and checks that the layers fit each other. Throws ArgumentError reading
  /// `source:line:column: what`.
  static ModelSpec from_text(std::string_view text, std::string_view source = "spec");
  /// The same of a file. Throws DataError when it cannot be read.
  static ModelSpec from_file(const std::string& path);
  /// The canonical text, on one line; from_text(to_text()) gives an equal spec.
  std::string to_text() const;

  friend bool operator==(const ModelSpec&, const ModelSpec&) = default;
};

/// One layer's part of the canonical text: "conv 64 5 same", "relu as a".
std::string layer_text(const Layer& layer);

/// Whether any layer is of that kind: has_layer<DenseSpec>(spec).
template <class Kind>
bool has_layer(const ModelSpec& spec) {
  return std::any_of(spec.layers.begin(), spec.layers.end(),
                     [](const Layer& layer) { return std::holds_alternative<Kind>(layer.spec); });
}

/// The same network with a dropout of `rate` in front of every dense layer, instead of what is there now; with
/// rate 0 without any in front of them. Throws ArgumentError for a rate that is not 0 to 0.99.
ModelSpec with_dropout(const ModelSpec& spec, float rate);

/// The same network for images of `input`, C x H x W, and so many classes, which its last layer, a dense one,
/// gives. Throws ArgumentError where there is no such network: the images are too small for its pools, or its
/// last layer is of another kind.
ModelSpec fitted(const ModelSpec& spec, const Shape& input, Index classes);

/// A network that comes with the library, for gray faces of 48 x 48 pixels and 7 classes (fitted() makes others
/// of the first three): paper: the one this project started from, 61.6 M weights; small: 3x3 convolutions and
/// batch normalization for a phone, 0.6 M weights; large: the same kind, 2.9 M weights. Throws ArgumentError
/// for another name.
ModelSpec preset(std::string_view name);
/// Whether preset() knows the name.
bool is_preset(std::string_view name);
std::string preset_names();  ///< "paper, small, ..."
ModelSpec paper_spec();      ///< preset("paper")

}  // namespace mien::model
