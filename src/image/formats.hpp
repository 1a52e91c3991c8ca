// The readers behind decode_gray. Each takes the whole file and throws DataError `<name>: <what>`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/luma.hpp"

namespace mien::image::detail {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] inline void fail(std::string_view name, const std::string& what) {
  throw DataError(std::string(name) + ": " + what);
}

/// Big-endian and little-endian integers at `at`, which the caller has checked to lie inside.
inline std::uint32_t be16(Bytes b, std::size_t at) {
  return std::uint32_t{b[at]} << 8 | b[at + 1];
}
inline std::uint32_t be32(Bytes b, std::size_t at) {
  return be16(b, at) << 16 | be16(b, at + 2);
}
inline std::uint32_t le16(Bytes b, std::size_t at) {
  return std::uint32_t{b[at + 1]} << 8 | b[at];
}
inline std::uint32_t le32(Bytes b, std::size_t at) {
  return le16(b, at + 2) << 16 | le16(b, at);
}

/// Throws unless both edges are at least 1 and the size is within `limits`.
void check_size(std::string_view name, Index width, Index height, const DecodeLimits& limits);

GrayImage decode_pnm(Bytes bytes, std::string_view name, const DecodeLimits& limits);
GrayImage decode_bmp(Bytes bytes, std::string_view name, const DecodeLimits& limits);
GrayImage decode_png(Bytes bytes, std::string_view name, const DecodeLimits& limits);
GrayImage decode_jpeg(Bytes bytes, std::string_view name, const DecodeLimits& limits);

/// stb_image on a file that decode_png or decode_jpeg has checked. `kind` is "PNG" or "JPEG".
GrayImage decode_with_stb(Bytes bytes, std::string_view name, std::string_view kind,
                          const DecodeLimits& limits);

/// The Exif orientation (1 .. 8) in the payload of an APP1 segment; 1 when there is none.
int exif_orientation(Bytes payload);
/// The picture as it is to be shown (Exif 2.3, tag 0x0112).
GrayImage apply_orientation(GrayImage image, int orientation);

}  // namespace mien::image::detail
