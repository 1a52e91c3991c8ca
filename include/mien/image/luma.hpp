// From color to gray, and from what can be seen through to what cannot.
#pragma once

#include <cstdint>

#include "mien/image/image.hpp"

namespace mien::image {

/// ITU-R BT.601 luma of values 0 .. 255, on the stored gamma-encoded values; gray stays exactly as it is,
/// because the weights add up to 65536.
constexpr std::uint8_t luma(std::uint32_t r, std::uint32_t g, std::uint32_t b) {
  return static_cast<std::uint8_t>((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
}

/// A value 0 .. 255 of so much opacity, laid over white.
constexpr std::uint8_t over_white(std::uint32_t value, std::uint32_t alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

/// The luma of every pixel.
GrayImage gray_of(const RgbImage& image);

}  // namespace mien::image
