// The preparation of images as part of an ONNX graph.
#pragma once

#include <string>
#include <string_view>

#include "mien/model/model_file.hpp"
#include "mien/model/onnx.hpp"
#include "model/onnx/graph.hpp"

namespace mien::model {

/// Adds the graph's input and whatever makes of it what the network is given, the name of which is returned:
/// image::normalize in float, of which OnnxInput::prepared leaves out what per_image says. Throws ArgumentError
/// when the normalization does not fit the spec.
std::string add_preparation(OnnxGraph& graph, const ModelFile& model, OnnxInput input);

}  // namespace mien::model
