// A trained network as an ONNX file, for other runtimes.
#pragma once

#include <filesystem>

#include "mien/model/model_file.hpp"

namespace mien::model {

/// Writes atomically: ONNX opset 13, IR version 7, default domain, fp32. The graph takes
///     image          [batch, C, H, W]  pixels as they are, 0 .. 255, as floats
/// prepares them as image::normalize does, in float, and gives
///     probabilities  [batch, classes]  each row summing to 1; logits divided by the temperature first.
/// Dropout is left out; batch normalization stays a node of its own; a dense layer is a MatMul and an Add.
/// Every node is one that OpenCV 4.6 reads, for any batch. metadata_props hold `labels` (a JSON array),
/// `mien.spec` and `mien.name`. Throws ArgumentError when the weights, labels, temperature or normalization do
/// not fit the spec, or when the file would exceed the 2 GB of a protobuf message; DataError when a weight is
/// not finite or the file cannot be written.
void write_onnx(const std::filesystem::path& path, const ModelFile& model);

}  // namespace mien::model
