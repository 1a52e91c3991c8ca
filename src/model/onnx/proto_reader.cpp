#include "model/onnx/proto_reader.hpp"

#include <cstring>

#include "core/bit_cast.hpp"
#include "mien/core/error.hpp"

namespace mien::model {
namespace {

constexpr std::uint64_t kMaxFieldNumber = (1u << 29) - 1;  // protobuf's own

std::uint64_t fixed_value(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

ProtoReader::ProtoReader(std::span<const std::byte> bytes, std::string_view source)
    : source_(source), all_(bytes), rest_(bytes) {}

ProtoReader::ProtoReader(const ProtoReader& outer, const ProtoField& field, const char* name,
                         std::ptrdiff_t index)
    : source_(outer.source_), outer_(&outer), name_(name), index_(index), begin_(field.offset) {
  all_ = rest_ = bytes(field);
  begin_ = outer.begin_ + static_cast<std::size_t>(all_.data() - outer.all_.data());
}

bool ProtoReader::next(ProtoField& field) {
  if (rest_.empty()) return false;
  field = {};
  field.offset = begin_ + (all_.size() - rest_.size());
  const std::uint64_t key = varint(rest_, field.offset);
  if (key >> 3 == 0 || key >> 3 > kMaxFieldNumber) fail(field.offset, "no field has such a number");
  field.number = static_cast<int>(key >> 3);
  switch (key & 7) {
    case 0:
      field.kind = ProtoField::Kind::varint;
      field.value = varint(rest_, field.offset);
      return true;
    case 1:
      field.kind = ProtoField::Kind::fixed64;
      field.bytes = take(8, field);
      break;
    case 2:
      field.kind = ProtoField::Kind::bytes;
      field.bytes = take(varint(rest_, field.offset), field);
      return true;
    case 5:
      field.kind = ProtoField::Kind::fixed32;
      field.bytes = take(4, field);
      break;
    default:
      fail(field.offset, "field " + std::to_string(field.number) + " is of wire type " +
                             std::to_string(key & 7) + ", which ONNX does not have");
  }
  field.value = fixed_value(field.bytes);
  return true;
}

std::int64_t ProtoReader::integer(const ProtoField& field) const {
  if (field.kind == ProtoField::Kind::varint) return static_cast<std::int64_t>(field.value);
  fail(field.offset, "field " + std::to_string(field.number) + " is no integer");
}

float ProtoReader::real(const ProtoField& field) const {
  if (field.kind == ProtoField::Kind::fixed32)
    return mien::detail::bit_cast<float>(static_cast<std::uint32_t>(field.value));
  fail(field.offset, "field " + std::to_string(field.number) + " is no float");
}

std::span<const std::byte> ProtoReader::bytes(const ProtoField& field) const {
  if (field.kind == ProtoField::Kind::bytes) return field.bytes;
  fail(field.offset, "field " + std::to_string(field.number) + " is neither a text nor a message");
}

std::string_view ProtoReader::text(const ProtoField& field) const {
  const std::span<const std::byte> text = bytes(field);
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

std::span<const std::byte> ProtoReader::fixed(const ProtoField& field, std::size_t width) const {
  const auto one = width == 4 ? ProtoField::Kind::fixed32 : ProtoField::Kind::fixed64;
  if (field.kind == one) return field.bytes;
  const std::span<const std::byte> packed = bytes(field);
  if (packed.size() % width != 0) {
    fail(field.offset, std::to_string(packed.size()) + " bytes are no numbers of " + std::to_string(width));
  }
  return packed;
}

void ProtoReader::fail(std::size_t offset, const std::string& what) const {
  throw DataError(std::string(source_) + ": byte " + std::to_string(offset) + ": " + place() + what);
}

std::uint64_t ProtoReader::varint(std::span<const std::byte>& from, std::size_t offset) const {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (from.empty()) fail(offset, "a number is cut off");
    const auto byte = std::to_integer<std::uint64_t>(from.front());
    from = from.subspan(1);
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail(offset, "a number of more than 64 bits");
}

std::span<const std::byte> ProtoReader::take(std::uint64_t count, const ProtoField& field) {
  if (count > rest_.size()) {
    fail(field.offset, "field " + std::to_string(field.number) + " of " + std::to_string(count) +
                           " bytes is cut off, " + std::to_string(rest_.size()) + " are left");
  }
  const std::span<const std::byte> taken = rest_.first(static_cast<std::size_t>(count));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

// "graph.node[3]: "
std::string ProtoReader::place() const {
  std::string text;
  for (const ProtoReader* message = this; message->outer_ != nullptr; message = message->outer_) {
    std::string one = message->name_;
    if (message->index_ >= 0) one += "[" + std::to_string(message->index_) + "]";
    text = one + (text.empty() ? "" : ".") + text;
  }
  return text.empty() ? text : text + ": ";
}

}  // namespace mien::model
