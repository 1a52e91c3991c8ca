// The pictures that a network looks for faces in: the photo at the size at which the least faces are as large
// as the network knows them, then each half the size of the one before.
#pragma once

#include <vector>

#include "mien/core/shape.hpp"
#include "mien/model/face_grid.hpp"
#include "mien/model/reach.hpp"

namespace mien::face::detail {

struct PyramidLevel {
  Index width = 0, height = 0;
  double scale_x = 1, scale_y = 1;  ///< pixels of the photo to one of the level
};

/// Of a photo with pixels. `min_face` and `max_face` as in NetworkDetectOptions. The first level is at most
/// twice as large as the photo; the last one shows faces as large as max_face or the photo.
std::vector<PyramidLevel> plan_pyramid(Index width, Index height, const model::FaceGrid& grid, Index min_face,
                                       Index max_face);

/// A part of one axis of a level, margins included: `size` pixels from `first` on, of whose cells those from
/// `begin` to before `end`, counted from the part's own first, are its own.
struct AxisPart {
  Index first = 0, size = 0;
  Index begin = 0, end = 0;
};

/// Around a level is gray, at least half of the least face wide, so that edges are multiples of the network's
/// period. Of an axis in `parts` parts each holds as much around its own cells as the network looks at, so that
/// their values are what they are in the whole.
struct LevelAxis {
  Index margin = 0;  ///< pixels in front of the level
  std::vector<AxisPart> parts;
};
LevelAxis plan_axis(Index length, const model::FaceGrid& grid, const model::Reach& reach, Index parts);

/// A part of a level, for one thread.
struct LevelPart {
  std::size_t level = 0;  ///< its number
  AxisPart rows, columns;
  Index top = 0, left = 0;  ///< where it begins, in pixels of the level
};

/// Edges of parts, beside what the network looks at around them.
struct PartSize {
  Index most = 1024;   ///< so that buffers stay small
  Index shared = 512;  ///< a level with a longer edge has two parts at least, for two threads
};

/// The parts of all levels, the largest level's first. Whatever the number of threads, they are the same: where
/// a level is cut decides how some sums are rounded.
std::vector<LevelPart> plan_parts(const std::vector<PyramidLevel>& levels, const model::FaceGrid& grid,
                                  const model::Reach& reach, PartSize size = {});

}  // namespace mien::face::detail
