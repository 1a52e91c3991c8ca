#include "c/picture.hpp"

#include <string>

#include "c/guarded.hpp"
#include "image/formats.hpp"

namespace mien::c {
namespace {

constexpr const char* kRead = "mien_read";
constexpr std::size_t kMaxEdge = 16384;  // as face::detail::kMaxEdge

Index bytes_per_pixel(int format) {
  switch (format) {
    case MIEN_GRAY8:
      return 1;
    case MIEN_RGB24:
      return 3;
    case MIEN_RGBA32:
      return 4;
    default:
      throw ArgumentError(std::string(kRead) + ": format " + std::to_string(format) +
                          ", expected MIEN_GRAY8, MIEN_RGB24 or MIEN_RGBA32");
  }
}

}  // namespace

image::GrayImage gray_picture(const void* pixels, int format, std::size_t width, std::size_t height,
                              std::size_t stride) {
  require(pixels, kRead, "pixels");
  const Index step = bytes_per_pixel(format);
  const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (width < 1 || height < 1 || width > kMaxEdge || height > kMaxEdge) {
    throw ArgumentError(std::string(kRead) + ": " + size + ", expected edges of 1 to " +
                        std::to_string(kMaxEdge));
  }
  const std::size_t row_bytes = width * static_cast<std::size_t>(step);
  if (stride != 0 && stride < row_bytes) {
    throw ArgumentError(std::string(kRead) + ": stride " + std::to_string(stride) + ", a row has " +
                        std::to_string(row_bytes) + " bytes");
  }
  image::GrayImage image{static_cast<Index>(width), static_cast<Index>(height), {}};
  image.pixels.resize(width * height);
  std::uint8_t* to = image.pixels.data();
  for (std::size_t y = 0; y < height; ++y) {
    const auto* p = static_cast<const std::uint8_t*>(pixels) + y * (stride != 0 ? stride : row_bytes);
    for (std::size_t x = 0; x < width; ++x, p += step) {
      to = image::detail::put_over_white(to, 1, p, static_cast<int>(step));
    }
  }
  return image;
}

}  // namespace mien::c
