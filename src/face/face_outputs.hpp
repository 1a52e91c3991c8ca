// From a network's outputs for one cell of its grid to the face they mean.
#pragma once

#include <array>

#include "mien/face/located_face.hpp"
#include "mien/model/face_grid.hpp"
#include "mien/model/model_file.hpp"

namespace mien::face::detail {

/// Throws ArgumentError for a model that has no face grid, or prepares pixels by more than a factor.
model::FaceGrid grid_of(const model::ModelFile& model);

double probability(double logit);

struct CellOutputs {
  float score = 0;
  std::array<float, 4> box = {};
  std::array<float, 2 * model::FaceGrid::kPoints> points = {};
};

/// Of a cell at (x, y), in the pixels that the network was given. Throws DataError for an output that is not
/// finite.
LocatedFace face_of(const CellOutputs& outputs, const model::FaceGrid& grid, double x, double y);

/// From the pixels a network was given to those of the photo.
LocatedFace on_photo(const LocatedFace& face, double scale_x, double scale_y, double left, double top);

}  // namespace mien::face::detail
