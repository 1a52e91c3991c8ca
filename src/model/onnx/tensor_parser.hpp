// TensorProto, and the count of what a file is made of.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>

#include "model/onnx/graph.hpp"
#include "model/onnx/proto_reader.hpp"

namespace mien::model {

/// Of one file. Throws when there are more parts than OnnxLimits say.
class PartCount {
 public:
  void count(const ProtoReader& reader) { add(reader, nullptr); }
  void count(const ProtoReader& reader, const ProtoField& field) { add(reader, &field); }

 private:
  void add(const ProtoReader& reader, const ProtoField* field);
  std::size_t parts_ = 0;
};

/// The message of a tensor; its bytes are in place where they can be. Throws DataError for one whose shape does
/// not fit them. A tensor of a type that is not in OnnxType has no bytes.
OnnxTensor parse_onnx_tensor(ProtoReader reader, PartCount& parts);

/// The number at `index`; bytes may have any alignment.
template <typename Value>
Value load_onnx(std::span<const std::byte> bytes, std::size_t index) {
  Value value;
  std::memcpy(&value, bytes.data() + index * sizeof(Value), sizeof(Value));
  return value;
}

/// What one number takes; 0 for types that are not in OnnxType.
std::size_t bytes_of(OnnxType type);

}  // namespace mien::model
