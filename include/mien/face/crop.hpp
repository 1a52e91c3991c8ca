// The part of a photo that a network is given of a face.
#pragma once

#include "mien/face/detector.hpp"
#include "mien/image/image.hpp"

namespace mien::face {

/// The square around the face's middle that is wider than its longer edge by `margin` of that edge on every
/// side, rounded to pixels; what lies beyond the photo repeats its edge. `margin` is what a model file gives as
/// face_margin, -0.25 .. 1. Throws ArgumentError for a margin outside of that, a face with an edge outside
/// 1 .. 16384 or not overlapping the photo, and a photo whose `pixels` do not match its size.
image::GrayImage crop_face(const image::GrayImage& photo, const Face& face, double margin);

}  // namespace mien::face
