#include "face/face_outputs.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "mien/core/error.hpp"

namespace mien::face::detail {
namespace {

constexpr double kMostLogSize = 8;  // of a box: e^8 is far beyond any
// Of a point from the cell, in usual faces. Where networks go wrong, points are to stay near the picture.
constexpr double kMostAway = 2;

}  // namespace

model::FaceGrid grid_of(const model::ModelFile& model) {
  if (!model.face_grid) throw ArgumentError("[detect] " + model.name + " is not a network that finds faces");
  const image::Normalization& how = model.normalization;
  if (how.per_image != image::PerImage::none || how.mean.defined() || how.inv_std.defined()) {
    throw ArgumentError("[detect] " + model.name +
                        " prepares pictures as wholes or pixels by their place; a network that finds faces may "
                        "only scale them");
  }
  if (const std::string problem = model::problem_of(*model.face_grid, model.spec); !problem.empty()) {
    throw ArgumentError("[detect] " + model.name + ": " + problem);
  }
  return *model.face_grid;
}

double probability(double logit) {
  return 1 / (1 + std::exp(-logit));
}

LocatedFace face_of(const CellOutputs& outputs, const model::FaceGrid& grid, double x, double y) {
  bool finite = true;
  const auto number = [&](float value) {
    finite = finite && std::isfinite(value);
    return double{value};
  };
  const auto reaches = [&](float value) {
    return double{grid.face} / 2 * std::exp(std::clamp(number(value), -kMostLogSize, kMostLogSize));
  };
  const auto away = [&](float value) {
    return double{grid.face} * std::clamp(number(value), -kMostAway, kMostAway);
  };
  const double left = reaches(outputs.box[0]), up = reaches(outputs.box[1]);
  const double right = reaches(outputs.box[2]), down = reaches(outputs.box[3]);
  LocatedFace face{.x = x - left,
                   .y = y - up,
                   .width = left + right,
                   .height = up + down,
                   .score = probability(number(outputs.score)),
                   .points = {}};
  for (std::size_t i = 0; i < face.points.size(); ++i) {
    face.points[i] = {x + away(outputs.points[2 * i]), y + away(outputs.points[2 * i + 1])};
  }
  if (!finite) throw DataError("the output of the network that finds faces is not finite");
  return face;
}

LocatedFace on_photo(const LocatedFace& face, double scale_x, double scale_y, double left, double top) {
  LocatedFace result{.x = left + face.x * scale_x,
                     .y = top + face.y * scale_y,
                     .width = face.width * scale_x,
                     .height = face.height * scale_y,
                     .score = face.score,
                     .points = {}};
  for (std::size_t i = 0; i < face.points.size(); ++i) {
    result.points[i] = {left + face.points[i].x * scale_x, top + face.points[i].y * scale_y};
  }
  return result;
}

}  // namespace mien::face::detail
