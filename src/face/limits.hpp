#pragma once

#include "mien/core/shape.hpp"
#include "mien/image/image.hpp"

namespace mien::face::detail {

/// Pixels of an edge of the photos that are looked at, and of a face in them.
inline constexpr Index kMaxEdge = 16384;

/// What detectors have in common. Throws ArgumentError for sizes of faces out of range, for an image with edges
/// above kMaxEdge and for one whose `pixels` do not match its size.
void check_search(const image::GrayImage& image, Index min_face, Index max_face);

}  // namespace mien::face::detail
