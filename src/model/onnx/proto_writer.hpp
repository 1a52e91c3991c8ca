// The part of the protobuf wire format that an ONNX file needs.
// https://protobuf.dev/programming-guides/encoding
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/file.hpp"

namespace mien::model {

/// A message under construction. Large values are views, so that a network's weights are never copied; what
/// they point to must live until write(). A field number may be given again: protobuf's `repeated`.
class ProtoMessage {
 public:
  ProtoMessage& integer(int field, std::int64_t value);
  ProtoMessage& real(int field, float value);
  ProtoMessage& text(int field, std::string_view value);
  ProtoMessage& view(int field, std::span<const std::byte> bytes);
  ProtoMessage& message(int field, const ProtoMessage& value);

  /// Bytes that write() writes.
  std::size_t size() const { return size_; }
  void write(AtomicFile& file) const;

 private:
  /// Bytes of our own, then bytes of somebody else's.
  struct Piece {
    std::string owned;
    std::span<const std::byte> viewed;
  };
  void append(std::string_view bytes);
  void varint(std::uint64_t value);
  void key(int field, unsigned wire_type);

  std::vector<Piece> pieces_;
  std::size_t size_ = 0;
};

}  // namespace mien::model
