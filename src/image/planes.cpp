#include "mien/image/image.hpp"
#include "mien/image/luma.hpp"

namespace mien::image {

std::array<GrayImage, 3> planes_of(const RgbImage& image) {
  std::array<GrayImage, 3> planes;
  for (std::size_t c = 0; c < planes.size(); ++c) {
    planes[c] = {image.width, image.height, std::vector<std::uint8_t>(image.pixels.size() / 3),
                 image.reduction};
    for (std::size_t i = 0; i < planes[c].pixels.size(); ++i) planes[c].pixels[i] = image.pixels[3 * i + c];
  }
  return planes;
}

GrayImage gray_of(const RgbImage& image) {
  GrayImage gray{image.width, image.height, std::vector<std::uint8_t>(image.pixels.size() / 3),
                 image.reduction};
  for (std::size_t i = 0; i < gray.pixels.size(); ++i) {
    const std::uint8_t* p = image.pixels.data() + 3 * i;
    gray.pixels[i] = luma(p[0], p[1], p[2]);
  }
  return gray;
}

}  // namespace mien::image
