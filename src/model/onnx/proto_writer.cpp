#include "model/onnx/proto_writer.hpp"

#include "core/bit_cast.hpp"

namespace mien::model {
namespace {

constexpr unsigned kVarint = 0;
constexpr unsigned kLengthDelimited = 2;
constexpr unsigned kFixed32 = 5;

}  // namespace

void ProtoMessage::append(std::string_view bytes) {
  if (pieces_.empty() || !pieces_.back().viewed.empty()) pieces_.emplace_back();
  pieces_.back().owned += bytes;
  size_ += bytes.size();
}

void ProtoMessage::varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  bytes += static_cast<char>(value);
  append(bytes);
}

void ProtoMessage::key(int field, unsigned wire_type) {
  varint(static_cast<std::uint64_t>(field) << 3 | wire_type);
}

ProtoMessage& ProtoMessage::integer(int field, std::int64_t value) {
  key(field, kVarint);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtoMessage& ProtoMessage::real(int field, float value) {
  key(field, kFixed32);
  const auto bits = mien::detail::bit_cast<std::uint32_t>(value);
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  append(bytes);
  return *this;
}

ProtoMessage& ProtoMessage::text(int field, std::string_view value) {
  key(field, kLengthDelimited);
  varint(value.size());
  append(value);
  return *this;
}

ProtoMessage& ProtoMessage::view(int field, std::span<const std::byte> bytes) {
  key(field, kLengthDelimited);
  varint(bytes.size());
  pieces_.back().viewed = bytes;
  size_ += bytes.size();
  return *this;
}

ProtoMessage& ProtoMessage::message(int field, const ProtoMessage& value) {
  key(field, kLengthDelimited);
  varint(value.size());
  for (const Piece& piece : value.pieces_) {
    append(piece.owned);
    pieces_.back().viewed = piece.viewed;
    size_ += piece.viewed.size();
  }
  return *this;
}

void ProtoMessage::write(AtomicFile& file) const {
  for (const Piece& piece : pieces_) {
    file.write(piece.owned);
    file.write(piece.viewed);
  }
}

}  // namespace mien::model
