// The one picture type: 8-bit grey.
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

}  // namespace mien::image
