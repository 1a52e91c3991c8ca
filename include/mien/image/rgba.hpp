// Pictures as browsers hold them.
#pragma once

#include <cstdint>
#include <span>

#include "mien/image/image.hpp"

namespace mien::image {

/// Makes `gray` what decode_gray makes of a PNG of these pixels: red, green, blue and alpha, 0 .. 255, color
/// not multiplied by alpha, the top row first. Keeps the memory that `gray` has. Throws ArgumentError where
/// `pixels` are not 4 width height.
void gray_of_rgba(GrayImage& gray, std::span<const std::uint8_t> pixels, Index width, Index height);

}  // namespace mien::image
