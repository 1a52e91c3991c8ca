// Pixels as cameras and ffmpeg give them, without compression.
#pragma once

#include <cstdint>
#include <span>

#include "mien/core/shape.hpp"
#include "mien/image/image.hpp"

namespace ferpredict::live {

/// Under ffmpeg's names.
enum class PixelFormat : std::uint8_t {
  gray8,    ///< one byte a pixel
  yuyv422,  ///< Y0 U Y1 V for two pixels; the luma is taken as it is
  rgb24,    ///< red, green, blue; the luma is mien::image::luma
};

/// 1, 2 or 3.
mien::Index bytes_per_pixel(PixelFormat format);

/// The picture whose rows begin every `stride` bytes; the last one may end with its last pixel. The caller has
/// checked that `bytes` holds them and that `stride` is not less than a row. Color of yuyv422 is that of JPEG
/// (ITU-R BT.601, values 0 .. 255).
mien::image::RgbImage to_rgb(std::span<const std::uint8_t> bytes, PixelFormat format, mien::Index width,
                             mien::Index height, mien::Index stride);
/// Gray alone, likewise.
mien::image::GrayImage to_gray(std::span<const std::uint8_t> bytes, PixelFormat format, mien::Index width,
                               mien::Index height, mien::Index stride);

}  // namespace ferpredict::live
