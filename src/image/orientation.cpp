// Cameras store the picture as the sensor saw it and note how it was held: Exif 2.3, tag 0x0112.
#include <algorithm>
#include <array>

#include "image/formats.hpp"

namespace mien::image::detail {

namespace {

/// Of a constant number of values a pixel: a loop over one value would slow gray pictures down.
template <Index kChannels>
Raster turn(const Raster& image, int orientation) {
  const bool turned = orientation >= 5;  // rows and columns change places
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

  Raster out = make_raster(turned ? image.height : image.width, turned ? image.width : image.height, kChannels);
  std::uint8_t* to = out.pixels.data();
  for (Index y = 0; y < out.height; ++y) {
    for (Index x = 0; x < out.width; ++x) {
      Index sx = turned ? y : x, sy = turned ? x : y;  // where this pixel is stored
      if (flip_x) sx = image.width - 1 - sx;
      if (flip_y) sy = image.height - 1 - sy;
      to = put_values(to, kChannels, image.pixels.data() + (sy * image.width + sx) * kChannels);
    }
  }
  return out;
}

}  // namespace

int exif_orientation(Bytes payload) {
  static constexpr std::array<std::uint8_t, 6> kMagic = {'E', 'x', 'i', 'f', 0, 0};
  constexpr std::size_t kEntry = 12;
  if (payload.size() < kMagic.size() + 8 || !std::equal(kMagic.begin(), kMagic.end(), payload.begin()))
    return 1;
  const Bytes tiff = payload.subspan(kMagic.size());
  const bool little = tiff[0] == 'I' && tiff[1] == 'I';
  if (!little && !(tiff[0] == 'M' && tiff[1] == 'M')) return 1;
  const auto u16 = [&](std::size_t at) { return little ? le16(tiff, at) : be16(tiff, at); };

  const std::size_t directory = little ? le32(tiff, 4) : be32(tiff, 4);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t entries = u16(directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + i * kEntry;
    if (at + kEntry > tiff.size()) return 1;
    const std::uint32_t tag = u16(at), type = u16(at + 2), value = u16(at + 8);
    if (tag == 0x0112) return type == 3 && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Raster apply_orientation(Raster image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  return image.channels == 1 ? turn<1>(image, orientation) : turn<3>(image, orientation);
}

}  // namespace mien::image::detail
