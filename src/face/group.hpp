// Many windows agree on one face: their mean.
#pragma once

#include <vector>

#include "mien/face/detector.hpp"

namespace mien::face::detail {

/// Rectangles are alike when each edge of one is within 0.2 times the mean of the lesser width and the lesser
/// height of the same edge of the other, and belong together when a chain of alike ones leads from one to the
/// other. Gives the mean of every group of more than `min_neighbors`, with its number as score, but for groups
/// that lie inside a larger group of more windows: OpenCV's groupRectangles. With min_neighbors 0 nothing is
/// grouped and every score is 1.
std::vector<Face> group_rectangles(const std::vector<Face>& rectangles, int min_neighbors);

}  // namespace mien::face::detail
