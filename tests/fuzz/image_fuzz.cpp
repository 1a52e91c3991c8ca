// libFuzzer target for decode_gray and decode_rgb. Findings: any exception but DataError, a picture that
// contradicts itself, and a file that only one of the two can read.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/image/decode.hpp"

namespace {

mien::image::DecodeLimits small_limits() {
  mien::image::DecodeLimits limits;
  limits.max_edge = 2048;
  limits.max_pixels = 1 << 20;
  limits.max_jpeg_pixels = 1 << 20;
  limits.max_memory = std::size_t{64} << 20;
  return limits;
}

/// With these a JPEG of more than 16 pixels an edge is reduced.
mien::image::DecodeLimits tiny_limits() {
  mien::image::DecodeLimits limits = small_limits();
  limits.max_edge = 16;
  return limits;
}

/// Whether `decode` makes a picture, of `channels` values a pixel, of the file.
template <typename Decode>
bool readable(const Decode& decode, mien::Index channels, const std::vector<std::uint8_t>& bytes,
              const mien::image::DecodeLimits& limits) {
  try {
    const auto image = decode(bytes, "fuzz", limits);
    const bool sound = image.width > 0 && image.height > 0 && image.width <= limits.max_edge &&
                       image.height <= limits.max_edge &&
                       static_cast<mien::Index>(image.pixels.size()) == image.width * image.height * channels;
    if (!sound) std::abort();
    return true;
  } catch (const mien::DataError&) {
    return false;
  }
}

void decode(const std::vector<std::uint8_t>& bytes) {
  for (const mien::image::DecodeLimits& limits : {small_limits(), tiny_limits()}) {
    const bool gray = readable(mien::image::decode_gray, 1, bytes, limits);
    if (readable(mien::image::decode_rgb, 3, bytes, limits) != gray) std::abort();
  }
}

std::uint32_t crc32(const std::uint8_t* bytes, std::size_t count) {
  std::uint32_t c = 0xffffffffU;
  for (std::size_t i = 0; i < count; ++i) {
    c ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xedb88320U ^ (c >> 1) : c >> 1;
  }
  return ~c;
}

/// Puts right checksums into the chunks of a PNG, so that mutations get past that check.
void repair_png(std::vector<std::uint8_t>& b) {
  for (std::size_t at = 8; b.size() >= at + 12;) {
    const std::size_t length =
        std::size_t{b[at]} << 24 | std::size_t{b[at + 1]} << 16 | b[at + 2] << 8 | b[at + 3];
    if (b.size() - at - 12 < length) return;
    const std::uint32_t crc = crc32(b.data() + at + 4, length + 4);
    for (std::size_t i = 0; i < 4; ++i) b[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    at += 12 + length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  decode(bytes);
  if (size > 8 && bytes[0] == 0x89) {
    repair_png(bytes);
    decode(bytes);
  }
  return 0;
}
