// A trained network as an ONNX file, for other runtimes.
#pragma once

#include <filesystem>
#include <string_view>

#include "mien/model/model_file.hpp"

namespace mien::model {

/// What the graph takes.
enum class OnnxInput {
  pixels,    ///< `image`, pixels 0 .. 255 as they are: all of the preparation is in the graph
  prepared,  ///< `prepared`, what image::PerImage makes of them, as onnx_preparation says: the caller's part.
             ///< The graph goes on from there, with constants. The same as `pixels` for PerImage::none.
};

/// Writes atomically: ONNX opset 13, IR version 7, default domain, fp32. The graph takes
///     image          [batch, C, H, W]  or `prepared`, see OnnxInput; floats
/// prepares them as image::normalize does, in float, and gives
///     probabilities  [batch, classes]  each row summing to 1; logits divided by the temperature first.
/// Dropout is left out; batch normalization stays a node of its own; a dense layer is a MatMul and an Add.
/// Every node is one that OpenCV 4.6 reads, for any batch. metadata_props hold `labels` (a JSON array),
/// `mien.spec`, `mien.name` and `mien.preparation` (onnx_preparation, which the input's doc_string says, too).
/// Throws ArgumentError when the weights, labels, temperature or normalization do not fit the spec, or when the
/// file would exceed the 2 GB of a protobuf message; DataError when a weight is not finite or the file cannot
/// be written.
void write_onnx(const std::filesystem::path& path, const ModelFile& model, OnnxInput input = OnnxInput::pixels);

/// What the caller of such a graph has to give it for each pixel, in words and a formula, on one line:
/// "100 * (p - m) / d, of the pixels p = 0 .. 255 of one image, ...".
std::string_view onnx_preparation(const image::Normalization& how, OnnxInput input);

}  // namespace mien::model
