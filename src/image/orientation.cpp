// Cameras store the picture as the sensor saw it and note how it was held: Exif 2.3, tag 0x0112.
#include <algorithm>
#include <optional>
#include <utility>

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
  out.reduction = image.reduction;
  if (turned) std::swap(out.reduction.width, out.reduction.height);
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

bool has_exif_header(Bytes data) {
  return data.size() >= kExifHeader.size() && std::equal(kExifHeader.begin(), kExifHeader.end(), data.begin());
}

std::optional<int> exif_orientation(Bytes data) {
  constexpr std::size_t kEntry = 12;
  const Bytes tiff = data.subspan(has_exif_header(data) ? kExifHeader.size() : 0);
  if (tiff.size() < 8) return std::nullopt;
  const bool little = tiff[0] == 'I' && tiff[1] == 'I';
  if (!little && !(tiff[0] == 'M' && tiff[1] == 'M')) return std::nullopt;
  const auto u16 = [&](std::size_t at) { return little ? le16(tiff, at) : be16(tiff, at); };
  const auto u32 = [&](std::size_t at) { return little ? le32(tiff, at) : be32(tiff, at); };

  const std::size_t directory = u32(4);
  if (directory > tiff.size() - 2) return std::nullopt;
  const std::size_t entries = u16(directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + i * kEntry;
    if (at + kEntry > tiff.size()) return std::nullopt;
    if (u16(at) != 0x0112) continue;
    const std::uint32_t value = [&] {
      switch (u16(at + 2)) {
        case 1:  // BYTE
          return std::uint32_t{tiff[at + 8]};
        case 3:  // SHORT
          return u16(at + 8);
        case 4:  // LONG
          return u32(at + 8);
        default:
          return std::uint32_t{0};
      }
    }();
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return std::nullopt;
}

Raster apply_orientation(Raster image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  return image.channels == 1 ? turn<1>(image, orientation) : turn<3>(image, orientation);
}

}  // namespace mien::image::detail
