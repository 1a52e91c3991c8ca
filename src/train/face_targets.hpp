// What a face detector's outputs should be for canvases.
#pragma once

#include <span>

#include "mien/autograd/face_loss.hpp"
#include "mien/data/face_canvas.hpp"
#include "mien/model/face_grid.hpp"

namespace mien::train {

/// Cells whose middle is within kFaceReach of the face's edge from its middle say face, the nearest cell at
/// least; those beyond kNoFaceReach none; between them nothing is asked, and neither where other faces may be
/// that nobody marked (FaceCanvas::known).
inline constexpr float kFaceReach = 0.2f, kNoFaceReach = 0.45f;

/// Canvases of one edge, a multiple of the grid's stride.
autograd::FaceTargets face_targets(std::span<const data::FaceCanvas> canvases, const model::FaceGrid& grid);

}  // namespace mien::train
