// What JPEG loses.
#pragma once

#include <cstdint>

#include "mien/core/shape.hpp"

namespace mien::image {

/// Takes each block of 8x8 pixels through the discrete cosine transform, rounds its coefficients as a baseline
/// JPEG of `quality` (1 .. 100) does those of luminance, and back. Blocks that reach beyond the picture are
/// filled up by repeating its edge.
void jpeg_quantize(std::uint8_t* pixels, Index height, Index width, int quality);

}  // namespace mien::image
