// An ONNX file taken apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "mien/model/safetensors.hpp"
#include "model/onnx/graph.hpp"

namespace mien::model {

/// What a file may hold. What is built from it takes less than 256 bytes for each part, beside its own texts.
struct OnnxLimits {
  static constexpr std::size_t kMaxBytes = std::numeric_limits<std::int32_t>::max();  ///< protobuf's own
  static constexpr std::size_t kMaxParts = std::size_t{1} << 18;  ///< nodes, attributes, names, numbers, ...
  static constexpr std::size_t kMaxNameBytes = 1024;
  static constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;  ///< of one of the metadata
};

struct OnnxFile {
  std::int64_t opset = 0;  ///< of ONNX's own operators
  std::string producer;    ///< "pytorch 1.13.1"; may be empty
  Metadata metadata;
  OnnxGraph graph;  ///< constants lie in the bytes the file was taken from, or own theirs
};

/// Throws DataError naming `source` and the place in it: bytes that are no protobuf, tensors whose shape does
/// not fit their bytes, more than OnnxLimits, ... Whether the graph makes sense is not looked at.
OnnxFile parse_onnx_file(std::span<const std::byte> bytes, std::string_view source);

}  // namespace mien::model
