// What stb_image leaves out when it decodes a PNG: checksums, a whole file, one frame only, the orientation.
// https://www.w3.org/TR/png-3/
#include <array>
#include <optional>
#include <string>

#include "image/formats.hpp"
#include "mien/core/crc32.hpp"

namespace mien::image::detail {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kChunkFrame = 12;  // length, type and checksum around the data

bool is_letter(std::uint8_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string chunk_type(Bytes bytes, std::size_t at, std::string_view name) {
  std::string type;
  for (std::size_t i = 0; i < 4; ++i) {
    if (!is_letter(bytes[at + i])) fail(name, "damaged PNG: no chunk at byte " + std::to_string(at - 4));
    type.push_back(static_cast<char>(bytes[at + i]));
  }
  return type;
}

void check_chunk(Bytes data, const std::string& type, std::string_view name, const DecodeLimits& limits) {
  if (type == "IHDR" && data.size() == 13) {
    check_picture_size(name, static_cast<Index>(be32(data, 0)), static_cast<Index>(be32(data, 4)), limits);
  } else if (type == "acTL" && data.size() == 8 && be32(data, 0) > 1) {
    fail(name, "animated PNG; save one frame of it as a plain PNG");
  } else if (type[0] < 'a' && type != "IHDR" && type != "PLTE" && type != "IDAT" && type != "IEND") {
    fail(name, "PNG with a chunk " + type + ", which is not read");  // an upper-case letter: must be understood
  }
}

/// Walks the chunks to IEND; returns the orientation.
int check_png(Bytes bytes, std::string_view name, const DecodeLimits& limits) {
  static constexpr std::array<std::uint8_t, kSignature> kMagic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  for (std::size_t i = 0; i < kSignature; ++i) {
    if (i == bytes.size()) fail(name, "truncated PNG");
    if (bytes[i] != kMagic[i]) fail(name, "damaged PNG: bad signature");
  }
  std::optional<int> orientation;
  for (std::size_t at = kSignature;;) {
    if (bytes.size() - at < kChunkFrame) fail(name, "truncated PNG");
    const std::size_t length = be32(bytes, at);
    const std::string type = chunk_type(bytes, at + 4, name);
    if (at == kSignature && type != "IHDR") fail(name, "damaged PNG: no header");
    if (bytes.size() - at - kChunkFrame < length) fail(name, "truncated PNG");
    if (crc32(bytes.subspan(at + 4, length + 4)) != be32(bytes, at + 8 + length)) {
      fail(name, "damaged PNG: wrong checksum in chunk " + type);
    }
    const Bytes data = bytes.subspan(at + 8, length);
    check_chunk(data, type, name, limits);
    if (type == "eXIf" && !orientation) orientation = exif_orientation(data);
    if (type == "IEND") return orientation.value_or(1);
    at += kChunkFrame + length;
  }
}

}  // namespace

Raster decode_png(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels) {
  const int orientation = check_png(bytes, name, limits);
  return apply_orientation(decode_with_stb(bytes, name, "PNG", limits, channels), orientation);
}

}  // namespace mien::image::detail
