// Pictures of 8 bits a value: gray, which models see, and color, to be drawn on.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/core/shape.hpp"

namespace mien::image {

/// `pixels` holds height rows of width values, the top row first; 0 is black, 255 is white.
struct GrayImage {
  Index width = 0;
  Index height = 0;
  std::vector<std::uint8_t> pixels;

  friend bool operator==(const GrayImage& a, const GrayImage& b) = default;
};

/// `pixels` holds height rows of width pixels, the top row first, each pixel as red, green and blue, 0 .. 255.
struct RgbImage {
  Index width = 0;
  Index height = 0;
  std::vector<std::uint8_t> pixels;

  friend bool operator==(const RgbImage& a, const RgbImage& b) = default;
};

}  // namespace mien::image
