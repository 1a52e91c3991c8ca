// Writing into a picture what was found in it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/draw/shapes.hpp"
#include "mien/image/image.hpp"

namespace ferpredict::draw {

using namespace mien::draw;

/// A face covers the pixels x .. x + width - 1 and y .. y + height - 1, which may lie outside the picture.
struct Annotation {
  mien::Index x = 0;
  mien::Index y = 0;
  mien::Index width = 0;
  mien::Index height = 0;
  std::string expression;
  float probability = 0;           ///< 0 .. 1
  std::vector<Point> points = {};  ///< to be marked
};

/// Draws a frame around each face and a label (see plate.hpp) beneath it; where that does not fit or would
/// cover another face or label, above or beside it; where nothing else fits, over its lower part. Frames lie
/// outside the faces, but inside the picture. Lines and labels grow with the face. Faces without a pixel in the
/// picture are left out; points are dots. Throws mien::ArgumentError when the picture's pixels do not match its
/// size.
void annotate(mien::image::RgbImage& image, std::span<const Annotation> faces);

}  // namespace ferpredict::draw
