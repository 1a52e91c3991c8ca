// The readers behind decode_gray and decode_rgb. Each takes the whole file and the number of values wanted of a
// pixel: 1 for luma, 3 for red, green and blue. They throw DataError `<name>: <what>`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_order.hpp"
#include "mien/core/error.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/luma.hpp"

namespace mien::image::detail {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] inline void fail(std::string_view name, const std::string& what) {
  throw DataError(std::string(name) + ": " + what);
}

using mien::detail::be16;
using mien::detail::be32;
using mien::detail::le16;
using mien::detail::le32;

/// height rows of width pixels of `channels` values, 1 or 3, the top row first.
struct Raster {
  Index width = 0;
  Index height = 0;
  Index channels = 1;
  std::vector<std::uint8_t> pixels;
  Reduction reduction = {};
};

/// Black. The size has been checked.
inline Raster make_raster(Index width, Index height, Index channels) {
  return {width,
          height,
          channels,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * channels)),
          {}};
}

// These store a pixel of `channels` values and return where the next one goes. Gray stays apart from color, so
// that nothing is computed for a value that is already there.
inline std::uint8_t* put_values(std::uint8_t* to, Index channels, const std::uint8_t* values) {
  to[0] = values[0];
  if (channels == 3) {
    to[1] = values[1];
    to[2] = values[2];
  }
  return to + channels;
}
inline std::uint8_t* put_gray(std::uint8_t* to, Index channels, std::uint8_t value) {
  to[0] = value;
  if (channels == 3) to[1] = to[2] = value;
  return to + channels;
}
inline std::uint8_t* put_color(std::uint8_t* to, Index channels, std::uint32_t r, std::uint32_t g,
                               std::uint32_t b) {
  if (channels == 1) {
    to[0] = luma(r, g, b);
  } else {
    to[0] = static_cast<std::uint8_t>(r);
    to[1] = static_cast<std::uint8_t>(g);
    to[2] = static_cast<std::uint8_t>(b);
  }
  return to + channels;
}

Raster decode_pnm(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels);
Raster decode_bmp(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels);
Raster decode_png(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels);
Raster decode_jpeg(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels);
Raster decode_gif(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels);
#if defined(MIEN_WEBP)
Raster decode_webp(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels);
#endif

/// Stores the pixel at `p`, of 1 .. 4 values (gray, gray and alpha, RGB, RGBA), laid over white, and returns
/// where the next goes.
std::uint8_t* put_over_white(std::uint8_t* to, Index channels, const std::uint8_t* p, int stored);

/// stb_image on a file that decode_png or decode_gif has checked. `kind` is "PNG" or "GIF".
Raster decode_with_stb(Bytes bytes, std::string_view name, std::string_view kind, const DecodeLimits& limits,
                       Index channels);

/// What stands in front of Exif's data in an APP1 segment of a JPEG.
inline constexpr std::string_view kExifHeader{"Exif\0\0", 6};
bool has_exif_header(Bytes data);
/// The orientation (1 .. 8) in Exif's data, which are laid out as a TIFF file, with or without that header: the
/// first that the first directory has, 1 for one without a meaning; nothing where it has none.
std::optional<int> exif_orientation(Bytes data);
/// The picture as it is to be shown (Exif 2.3, tag 0x0112).
Raster apply_orientation(Raster image, int orientation);

}  // namespace mien::image::detail
