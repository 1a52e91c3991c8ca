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

Index with_margins(Index length, const model::FaceGrid& grid, const model::Reach& reach) {
  const auto half_face = static_cast<Index>(std::ceil(grid.least / 2));
  return rounded_up(length + 2 * half_face, reach.period);
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

LevelAxis plan_axis(Index length, const model::FaceGrid& grid, const model::Reach& reach, Index parts) {
  const Index stride = grid.stride, period = reach.period;
  const Index whole = with_margins(length, grid, reach);
  LevelAxis axis{.margin = (whole - length) / 2, .parts = {}};
  const Index each = rounded_up((whole + parts - 1) / parts, period);
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

std::vector<LevelPart> plan_parts(const std::vector<PyramidLevel>& levels, const model::FaceGrid& grid,
                                  const model::Reach& reach, PartSize size) {
  std::vector<LevelPart> parts;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const Index height = with_margins(levels[level].height, grid, reach);
    const Index width = with_margins(levels[level].width, grid, reach);
    Index in_column = (height + size.most - 1) / size.most, in_row = (width + size.most - 1) / size.most;
    if (in_column * in_row == 1 && std::max(height, width) > size.shared) {
      (height > width ? in_column : in_row) = 2;
    }
    const LevelAxis rows = plan_axis(levels[level].height, grid, reach, in_column);
    const LevelAxis columns = plan_axis(levels[level].width, grid, reach, in_row);
    for (const AxisPart& row : rows.parts) {
      for (const AxisPart& column : columns.parts) {
        parts.push_back({.level = level,
                         .rows = row,
                         .columns = column,
                         .top = row.first - rows.margin,
                         .left = column.first - columns.margin});
      }
    }
  }
  return parts;
}

}  // namespace mien::face::detail
