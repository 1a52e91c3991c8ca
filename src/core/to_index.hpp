#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "mien/core/shape.hpp"

namespace mien::detail {

/// The nearest Index there is, where that has 32 bits; no size that anything may have is at its ends.
constexpr Index to_index(std::int64_t value) {
  constexpr std::int64_t kLeast = std::numeric_limits<Index>::min(), kMost = std::numeric_limits<Index>::max();
  return static_cast<Index>(std::clamp(value, kLeast, kMost));
}

}  // namespace mien::detail
