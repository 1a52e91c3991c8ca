#include "pixels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "mien/image/luma.hpp"

namespace ferpredict::live {
namespace {

using mien::Index;

std::uint8_t gray_of(const std::uint8_t* pixel, PixelFormat format) {
  return format == PixelFormat::rgb24 ? mien::image::luma(pixel[0], pixel[1], pixel[2]) : pixel[0];
}

std::uint8_t clamped(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

// The first of two pixels in yuyv422 has an even place in its row.
std::array<std::uint8_t, 3> color_of(const std::uint8_t* row, Index x, PixelFormat format) {
  const std::uint8_t* pixel = row + x * bytes_per_pixel(format);
  if (format == PixelFormat::rgb24) return {pixel[0], pixel[1], pixel[2]};
  if (format == PixelFormat::gray8) return {pixel[0], pixel[0], pixel[0]};
  const std::uint8_t* pair = row + x / 2 * 4;
  const double luma = pixel[0], blue = pair[1] - 128.0, red = pair[3] - 128.0;
  return {clamped(luma + 1.402 * red), clamped(luma - 0.344136 * blue - 0.714136 * red),
          clamped(luma + 1.772 * blue)};
}

}  // namespace

Index bytes_per_pixel(PixelFormat format) {
  switch (format) {
    case PixelFormat::gray8:
      return 1;
    case PixelFormat::yuyv422:
      return 2;
    case PixelFormat::rgb24:
      break;
  }
  return 3;
}

mien::image::RgbImage to_rgb(std::span<const std::uint8_t> bytes, PixelFormat format, Index width, Index height,
                             Index stride) {
  mien::image::RgbImage image{width, height, {}};
  image.pixels.reserve(static_cast<std::size_t>(width * height * 3));
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      for (const std::uint8_t value : color_of(bytes.data() + y * stride, x, format))
        image.pixels.push_back(value);
    }
  }
  return image;
}

mien::image::GrayImage to_gray(std::span<const std::uint8_t> bytes, PixelFormat format, Index width,
                               Index height, Index stride) {
  mien::image::GrayImage image{width, height,
                               std::vector<std::uint8_t>(static_cast<std::size_t>(width * height))};
  const Index step = bytes_per_pixel(format);
  std::uint8_t* out = image.pixels.data();
  for (Index y = 0; y < height; ++y) {
    const std::uint8_t* row = bytes.data() + y * stride;
    for (Index x = 0; x < width; ++x) *out++ = gray_of(row + x * step, format);
  }
  return image;
}

}  // namespace ferpredict::live
