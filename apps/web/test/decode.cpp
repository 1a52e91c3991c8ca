// The library's decoders for tests, which so see the pixels that ferpredict sees.
#include "mien/image/decode.hpp"

#include <emscripten.h>

#include <cstddef>
#include <cstdint>
#include <exception>

namespace {

mien::image::GrayImage image;

}  // namespace

extern "C" {

/// Gray pixels, or null for what is no image.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* decode(const std::uint8_t* bytes, std::size_t size) {
  try {
    image = mien::image::decode_gray({bytes, size}, "image");
    return image.pixels.data();
  } catch (const std::exception&) {
    return nullptr;
  }
}
EMSCRIPTEN_KEEPALIVE int image_width() {
  return static_cast<int>(image.width);
}
EMSCRIPTEN_KEEPALIVE int image_height() {
  return static_cast<int>(image.height);
}

}  // extern "C"
