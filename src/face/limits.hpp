#pragma once

#include "mien/core/shape.hpp"

namespace mien::face::detail {

/// Pixels of an edge of the photos that are looked at, and of a face in them.
inline constexpr Index kMaxEdge = 16384;

}  // namespace mien::face::detail
