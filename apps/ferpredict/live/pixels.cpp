#include "pixels.hpp"

#include "mien/image/luma.hpp"

namespace ferpredict::live {
namespace {

using mien::Index;

std::uint8_t gray_of(const std::uint8_t* pixel, PixelFormat format) {
  return format == PixelFormat::rgb24 ? mien::image::luma(pixel[0], pixel[1], pixel[2]) : pixel[0];
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
