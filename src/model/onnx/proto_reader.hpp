// Protobuf's wire format as an ONNX file has it, all of it distrusted.
// https://protobuf.dev/programming-guides/encoding
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mien::model {

/// One field of a message, still where it lies in the file.
struct ProtoField {
  enum class Kind { varint, fixed64, bytes, fixed32 };

  int number = 0;
  Kind kind = Kind::varint;
  std::uint64_t value = 0;           ///< of a varint or fixed number: its bits
  std::span<const std::byte> bytes;  ///< of anything else
  std::size_t offset = 0;            ///< where in the file the field begins
};

/// The fields of one message, in order. Nothing is read beyond the message's own bytes, and messages are opened
/// by who knows what is in them: nothing here nests. Errors are DataErrors such as
/// `in.onnx: byte 812: graph.node[3].attribute[0]: field 5 of 900 bytes is cut off, 12 are left`.
class ProtoReader {
 public:
  /// A whole file.
  ProtoReader(std::span<const std::byte> bytes, std::string_view source);
  /// A message within another, which must outlive it. `name` is that of the field in its schema; of one that is
  /// repeated `index` tells which it is, others have none.
  ProtoReader(const ProtoReader& outer, const ProtoField& field, const char* name, std::ptrdiff_t index = -1);

  /// False at the end.
  bool next(ProtoField& field);

  // What a field holds; fail() where it is of another kind.
  std::int64_t integer(const ProtoField& field) const;
  float real(const ProtoField& field) const;
  std::span<const std::byte> bytes(const ProtoField& field) const;
  std::string_view text(const ProtoField& field) const;

  /// Calls `take(value)` for each number of a repeated field, be they packed or one by one.
  template <typename Take>
  void integers(const ProtoField& field, Take take) const {
    if (field.kind == ProtoField::Kind::varint) return take(static_cast<std::int64_t>(field.value));
    std::span<const std::byte> rest = bytes(field);
    while (!rest.empty()) take(static_cast<std::int64_t>(varint(rest, field.offset)));
  }
  /// The bytes of a repeated field of numbers of `width` bytes, 4 or 8, be they packed or a single one.
  std::span<const std::byte> fixed(const ProtoField& field, std::size_t width) const;

  [[noreturn]] void fail(std::size_t offset, const std::string& what) const;
  [[noreturn]] void fail(const std::string& what) const { fail(begin_, what); }

 private:
  std::uint64_t varint(std::span<const std::byte>& from, std::size_t offset) const;
  std::span<const std::byte> take(std::uint64_t count, const ProtoField& field);
  std::string place() const;

  std::string_view source_;
  const ProtoReader* outer_ = nullptr;
  const char* name_ = "";
  std::ptrdiff_t index_ = -1;
  std::size_t begin_ = 0;  // in the file
  std::span<const std::byte> all_, rest_;
};

}  // namespace mien::model
