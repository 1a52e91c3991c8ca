#include "mien/image/rgba.hpp"

#include <bit>
#include <cstring>
#include <string>

#include "mien/core/error.hpp"
#include "mien/image/luma.hpp"

namespace mien::image {
namespace {

static_assert(std::endian::native == std::endian::little);

// A pixel as one number, its first value lowest, so that the compiler makes short vector code of what follows.
std::uint32_t pixel_at(const std::uint8_t* row, Index x) {
  std::uint32_t pixel = 0;
  std::memcpy(&pixel, row + 4 * x, sizeof pixel);
  return pixel;
}

void opaque_row(std::uint8_t* to, const std::uint8_t* row, Index width) {
  for (Index x = 0; x < width; ++x) {
    const std::uint32_t pixel = pixel_at(row, x);
    to[x] = luma(pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255);
  }
}

bool is_opaque(const std::uint8_t* row, Index width) {
  std::uint32_t all = ~std::uint32_t{0};
  for (Index x = 0; x < width; ++x) all &= pixel_at(row, x);
  return all >> 24 == 255;
}

}  // namespace

void gray_of_rgba(GrayImage& gray, std::span<const std::uint8_t> pixels, Index width, Index height) {
  if (width < 1 || height < 1 ||
      pixels.size() / 4 / static_cast<std::size_t>(width) != static_cast<std::size_t>(height) ||
      pixels.size() % (4 * static_cast<std::size_t>(width)) != 0) {
    throw ArgumentError("[rgba] " + std::to_string(pixels.size()) + " values for a picture of " +
                        std::to_string(width) + "x" + std::to_string(height) + " pixels");
  }
  gray.width = width;
  gray.height = height;
  gray.reduction = {};
  gray.pixels.resize(pixels.size() / 4);
  for (Index y = 0; y < height; ++y) {
    std::uint8_t* to = gray.pixels.data() + y * width;
    const std::uint8_t* row = pixels.data() + 4 * y * width;
    opaque_row(to, row, width);
    if (is_opaque(row, width)) continue;
    for (Index x = 0; x < width; ++x) to[x] = over_white(to[x], row[4 * x + 3]);
  }
}

}  // namespace mien::image
