#include "train/face_targets.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mien/core/parallel.hpp"

namespace mien::train {
namespace {

using data::CanvasFace;
using data::FaceCanvas;
using data::PhotoPoint;

constexpr float kFace = 1, kNone = 0, kNotAsked = -1;

PhotoPoint place_of(Index cell, Index across, Index stride) {
  const auto at = [&](Index i) { return (static_cast<float>(i) + 0.5f) * static_cast<float>(stride); };
  return {at(cell % across), at(cell / across)};
}

// The larger of the distances along the axes, as a share of the face's edge.
float distance(PhotoPoint place, const data::MarkedFace& face) {
  const PhotoPoint middle = face.middle();
  return std::max(std::fabs(place.x - middle.x), std::fabs(place.y - middle.y)) / face.edge();
}

// One canvas: its part of each tensor.
struct Writer {
  const FaceCanvas& canvas;
  Index stride;
  Index across = canvas.edge / stride, cells = across * across;
  float* score;
  float* box;
  float* points;

  bool known(PhotoPoint place) const {
    const auto row = static_cast<Index>(place.y), column = static_cast<Index>(place.x);
    return canvas.known[static_cast<std::size_t>(row * canvas.edge + column)] != 0;
  }

  float wanted(Index cell) const {
    const PhotoPoint place = place_of(cell, across, stride);
    for (const CanvasFace& face : canvas.faces) {
      if (distance(place, face.marks) <= kNoFaceReach) return kNotAsked;
    }
    return known(place) ? kNone : kNotAsked;
  }

  void mark(const CanvasFace& face) {
    Index nearest = 0;
    for (Index cell = 0; cell < cells; ++cell) {
      const PhotoPoint place = place_of(cell, across, stride);
      if (distance(place, face.marks) <= kFaceReach) mark(face, cell);
      if (distance(place, face.marks) < distance(place_of(nearest, across, stride), face.marks)) nearest = cell;
    }
    if (distance(place_of(nearest, across, stride), face.marks) <= kNoFaceReach) mark(face, nearest);
  }

  void mark(const CanvasFace& face, Index cell) {
    const PhotoPoint place = place_of(cell, across, stride);
    score[cell] = kFace;
    const data::MarkedFace& m = face.marks;
    const float sides[] = {place.x - m.left, place.y - m.top, m.right - place.x, m.bottom - place.y};
    for (Index i = 0; i < 4; ++i) box[i * cells + cell] = sides[i];
    for (std::size_t i = 0; i < m.points.size(); ++i) {
      float* x = points + 2 * static_cast<Index>(i) * cells + cell;
      x[0] = m.points[i].x - place.x;
      x[cells] = m.points[i].y - place.y;
    }
  }

  void write() {
    for (Index cell = 0; cell < cells; ++cell) score[cell] = wanted(cell);
    std::fill_n(points, 10 * cells, std::numeric_limits<float>::quiet_NaN());
    for (const CanvasFace& face : canvas.faces) {
      if (face.clear) mark(face);
    }
  }
};

}  // namespace

autograd::FaceTargets face_targets(std::span<const FaceCanvas> canvases, const model::FaceGrid& grid) {
  const auto n = static_cast<Index>(canvases.size());
  const Index across = canvases.empty() ? 0 : canvases[0].edge / grid.stride, cells = across * across;
  autograd::FaceTargets targets{Tensor({n, 1, across, across}), Tensor({n, 4, across, across}),
                                Tensor({n, 10, across, across})};
  float* const score = targets.score.mutable_data();
  float* const box = targets.box.mutable_data();
  float* const points = targets.points.mutable_data();
  parallel_for(n, [&](Index i) {
    Writer writer{.canvas = canvases[static_cast<std::size_t>(i)],
                  .stride = grid.stride,
                  .score = score + i * cells,
                  .box = box + i * 4 * cells,
                  .points = points + i * 10 * cells};
    writer.write();
  });
  return targets;
}

}  // namespace mien::train
