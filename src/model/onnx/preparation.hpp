// The preparation of images as part of an ONNX graph.
#pragma once

#include <string>
#include <string_view>

#include "mien/model/model_file.hpp"
#include "mien/model/onnx.hpp"
#include "model/onnx/graph.hpp"

namespace mien::model {

/// Adds the graph's input and the nodes that prepare it as image::normalize does, in float; with
/// OnnxInput::prepared without the step per_image. Returns the name of the result, which the network is given.
/// Throws ArgumentError when the normalization does not fit the spec.
std::string add_preparation(OnnxGraph& graph, const ModelFile& model, OnnxInput input);

}  // namespace mien::model
