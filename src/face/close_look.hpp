// A second network looks at each face that the first one found: a picture of that face alone, always of about
// the same size, tells more exactly where its points are, and whether it is one.
#pragma once

#include <span>

#include "mien/face/located_face.hpp"
#include "mien/image/image.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/model_file.hpp"

namespace mien::face::detail {

class CloseLook {
 public:
  /// Throws ArgumentError for a model whose face grid is not of one cell, or that prepares pixels by more than
  /// a factor.
  explicit CloseLook(const model::ModelFile& model);

  /// Boxes and points become what this network says, the mean of the face and of its mirror image, the logits
  /// of scores the means of both networks'. The faces have edges above 0. Throws DataError for outputs that are
  /// not finite.
  void look_at(const image::GrayImage& image, std::span<LocatedFace> faces);

 private:
  void look_at_some(const image::GrayImage& image, std::span<LocatedFace> faces);

  model::FaceGrid grid_;
  image::Normalization normalization_;
  infer::Session session_;
};

}  // namespace mien::face::detail
