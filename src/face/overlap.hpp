// How far boxes lie on each other. A box has x, y, width and height, of whatever type.
#pragma once

#include <algorithm>

namespace mien::face::detail {

template <typename Box>
double area(const Box& box) {
  return static_cast<double>(box.width) * static_cast<double>(box.height);
}

template <typename Box>
double common_area(const Box& a, const Box& b) {
  const auto width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const auto height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? static_cast<double>(width) * static_cast<double>(height) : 0;
}

/// Intersection over union.
template <typename Box>
double overlap(const Box& a, const Box& b) {
  const double common = common_area(a, b);
  return common > 0 ? common / (area(a) + area(b) - common) : 0;
}

}  // namespace mien::face::detail
