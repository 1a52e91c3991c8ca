// What write_onnx writes, for the reader to compare with.
#pragma once

#include "mien/model/onnx.hpp"
#include "model/onnx/graph.hpp"

namespace mien::model {

inline constexpr const char* kOnnxLabels = "labels";  ///< metadata_props: a JSON array

inline constexpr const char* kOnnxPrepared = "prepared";  ///< the input of OnnxInput::prepared
inline constexpr const char* kOnnxMean = "input.mean";
inline constexpr const char* kOnnxInvStd = "input.inv_std";

/// The graph of a model with weights in fp32, which it refers to. Throws ArgumentError when weights or
/// normalization do not fit the spec.
OnnxGraph to_onnx_graph(const ModelFile& model, OnnxInput input);

}  // namespace mien::model
