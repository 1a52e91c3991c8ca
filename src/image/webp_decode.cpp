// WebP by libwebp: https://developers.google.com/speed/webp/docs/riff_container
#include <webp/decode.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/formats.hpp"

namespace mien::image::detail {
namespace {

constexpr std::size_t kRiffHeader = 12;

std::optional<int> orientation_of(Bytes bytes) {
  constexpr std::size_t kChunkHeader = 8;
  static constexpr std::string_view kExif = "EXIF";
  for (std::size_t at = kRiffHeader; at <= bytes.size() && bytes.size() - at >= kChunkHeader;) {
    const std::size_t length = le32(bytes, at + 4);
    const bool is_exif =
        std::equal(kExif.begin(), kExif.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    at += kChunkHeader;
    if (bytes.size() - at < length) break;
    if (is_exif) return exif_orientation(bytes.subspan(at, length));
    at += length + length % 2;
  }
  return std::nullopt;
}

}  // namespace

Raster decode_webp(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels) {
  if (bytes.size() < kRiffHeader || bytes.size() - 8 < le32(bytes, 4)) fail(name, "truncated WebP");
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(bytes.data(), bytes.size(), &features);
  if (status != VP8_STATUS_OK) fail(name, "damaged WebP");
  if (features.has_animation != 0) fail(name, "animated WebP; save one frame of it as a plain WebP");
  check_picture_size(name, features.width, features.height, limits);

  constexpr int kRgba = 4;
  const int stride = kRgba * features.width;
  // Beside these, libwebp holds as much again at the most: a lossless picture's ARGB.
  const std::size_t rgba_bytes = static_cast<std::size_t>(stride) * static_cast<std::size_t>(features.height);
  if (rgba_bytes > limits.max_memory / 2) {
    fail(name, "WebP of " + std::to_string(features.width) + "x" + std::to_string(features.height) +
                   " pixels needs more than " + std::to_string(limits.max_memory >> 20) + " MiB to decode");
  }
  std::vector<std::uint8_t> rgba(rgba_bytes);
  if (WebPDecodeRGBAInto(bytes.data(), bytes.size(), rgba.data(), rgba.size(), stride) == nullptr) {
    fail(name, "damaged WebP");
  }
  Raster image = make_raster(features.width, features.height, channels);
  std::uint8_t* to = image.pixels.data();
  for (std::size_t i = 0; i < rgba.size(); i += kRgba)
    to = put_over_white(to, channels, rgba.data() + i, kRgba);
  return apply_orientation(std::move(image), orientation_of(bytes).value_or(1));
}

}  // namespace mien::image::detail
