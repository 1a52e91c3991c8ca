#include "face/pyramid.hpp"

#include <algorithm>
#include <cmath>

#include "face/limits.hpp"

namespace mien::face::detail {
namespace {

constexpr double kMostEnlarged = 2;  // beyond that there is nothing more to be seen

Index rounded_up(Index value, Index multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

double first_scale(Index longer, const model::FaceGrid& grid, Index min_face) {
  const double wanted = min_face > 0 ? double{grid.least} / static_cast<double>(min_face) : 1;
  return std::min({wanted, kMostEnlarged, static_cast<double>(kMaxEdge) / static_cast<double>(longer)});
}

}  // namespace

std::vector<PyramidLevel> plan_pyramid(Index width, Index height, const model::FaceGrid& grid, Index min_face,
                                       Index max_face) {
  const Index longer = std::max(width, height);
  const double scale = first_scale(longer, grid, min_face);
  const auto scaled = [&](Index edge) {
    return std::max<Index>(std::llround(static_cast<double>(edge) * scale), 1);
  };
  const auto largest = static_cast<double>(max_face > 0 ? std::min(max_face, longer) : longer);
  PyramidLevel level{.width = scaled(width), .height = scaled(height)};
  level.scale_x = static_cast<double>(width) / static_cast<double>(level.width);
  level.scale_y = static_cast<double>(height) / static_cast<double>(level.height);
  std::vector<PyramidLevel> levels{level};
  double seen = double{grid.most} / scale;  // the largest faces of the last level
  while (seen < largest) {
    seen *= 2;
    level = {.width = (level.width + 1) / 2,
             .height = (level.height + 1) / 2,
             .scale_x = 2 * level.scale_x,
             .scale_y = 2 * level.scale_y};
    levels.push_back(level);
  }
  return levels;
}

LevelAxis plan_axis(Index length, const model::FaceGrid& grid, const model::Reach& reach, Index most) {
  const Index stride = grid.stride, period = reach.period;
  const auto half_face = static_cast<Index>(std::ceil(grid.least / 2));
  const Index whole = rounded_up(length + 2 * half_face, period);
  LevelAxis axis{.margin = (whole - length) / 2, .parts = {}};
  const Index count = (whole + most - 1) / most;
  const Index each = rounded_up((whole + count - 1) / count, period);
  const Index before = rounded_up(reach.before, period), after = rounded_up(reach.after, period);
  for (Index begin = 0; begin < whole; begin += each) {
    const Index end = std::min(begin + each, whole);
    const Index first = std::max<Index>(begin - before, 0), last = std::min(end + after, whole);
    axis.parts.push_back({.first = first,
                          .size = last - first,
                          .begin = (begin - first) / stride,
                          .end = (end - first) / stride});
  }
  return axis;
}

}  // namespace mien::face::detail
