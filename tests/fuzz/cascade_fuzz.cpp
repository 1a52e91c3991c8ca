// Any bytes: the reader of cascades throws DataError or gives one that can be run over a picture.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/face/detector.hpp"

namespace {

// Larger than the window at first, and with something to see everywhere.
mien::image::GrayImage picture(mien::Index width, mien::Index height) {
  mien::image::GrayImage image{width, height, {}};
  std::uint32_t state = 1;
  for (mien::Index i = 0; i < width * height; ++i) {
    state = state * 1664525U + 1013904223U;
    image.pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const mien::face::CascadeDetector detector =
        mien::face::CascadeDetector::parse({reinterpret_cast<const char*>(data), size}, "fuzz");
    const mien::image::GrayImage image = picture(detector.window_width() + 19, detector.window_height() + 3);
    for (const mien::face::Face& face : detector.detect(image, {.scale_factor = 1.3, .min_neighbors = 0})) {
      const bool inside = face.x >= 0 && face.y >= 0 && face.width > 0 && face.height > 0 &&
                          face.x + face.width <= image.width && face.y + face.height <= image.height;
      if (!inside) std::abort();
    }
  } catch (const mien::DataError&) {
  }
  return 0;
}
