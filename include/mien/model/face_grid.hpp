// How the outputs of a network that finds faces are to be read.
#pragma once

#include <string>

#include "mien/core/json.hpp"
#include "mien/core/shape.hpp"

namespace mien::model {

struct ModelSpec;

/// The network has three outputs of one height and width, a value of each for every cell of a grid over the
/// picture:
///
///   score   [1][h][w]   a logit: whether the middle of a face is near
///   box     [4][h][w]   how far left, up, right and down of the cell the face ends: face / 2 * exp(value)
///   points  [10][h][w]  where left eye, right eye, nose, left and right corner of the mouth (as seen) lie, x
///                       and y of each, from the cell on: face * value
///
/// The cell of row r and column c stands at ((c + 1/2) * stride, (r + 1/2) * stride), pixel i of the picture
/// covering [i, i + 1). A network that slides over pictures knows faces of an octave of sizes at least; others
/// are found in a picture made smaller. A grid of one cell is of a network that looks at one face closely.
struct FaceGrid {
  Index stride = 8;             ///< pixels from one cell to the next
  float face = 28;              ///< pixels: a usual edge, which boxes and points are relative to
  float least = 20, most = 40;  ///< pixels: edges of the faces that are looked for in the picture as it is
  float min_score = 0.5f;       ///< what the probability of a face has to reach, 0 .. 1

  static constexpr std::size_t kPoints = 5;

  friend bool operator==(const FaceGrid&, const FaceGrid&) = default;
};

/// What is wrong with numbers or with a network that is to have these outputs; empty when nothing is.
std::string problem_of(const FaceGrid& grid);
/// The same of numbers and a network together.
std::string problem_of(const FaceGrid& grid, const ModelSpec& spec);

/// The numbers as JSON.
Json to_json(const FaceGrid& grid);
/// Throws DataError, naming `where`, for anything to_json does not write.
FaceGrid face_grid_from_json(const Json& json, const std::string& where);

}  // namespace mien::model
