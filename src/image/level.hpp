// From numbers to gray levels.
#pragma once

#include <algorithm>
#include <cstdint>

namespace mien::image {

/// The nearest of 0 .. 255.
inline std::uint8_t level(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f) + 0.5f);
}

}  // namespace mien::image
