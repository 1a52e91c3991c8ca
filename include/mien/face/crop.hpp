// The part of a photo that a network is given of a face.
#pragma once

#include "mien/face/detector.hpp"
#include "mien/face/located_face.hpp"
#include "mien/image/image.hpp"

namespace mien::face {

/// The square around the face's middle that is wider than its longer edge by `margin` of that edge on every
/// side, rounded to pixels; what lies beyond the photo repeats its edge. `margin` is what a model file gives as
/// face_margin, -0.25 .. 1. For more of what is around it the square is made `wider` times as wide, 1 .. 2,
/// around its middle. Throws ArgumentError for numbers outside of these, a face with an edge outside 1 .. 16384
/// or not overlapping the photo, and a photo whose `pixels` do not match its size.
image::GrayImage crop_face(const image::GrayImage& photo, const Face& face, double margin, double wider = 1);

/// The square that FER2013's pictures are: the middle between eyes and mouth at the middle of its width and
/// 0.57 of its height. Its edge is `scale` times the face's, the mean of both edges; rounded to pixels. What
/// lies beyond the photo repeats its edge. `scale` is what a model file gives as face_crop, 0.5 .. 3; `wider`
/// is as above. Throws ArgumentError for numbers outside of these, for a face with edges that are not above 0
/// and at most 16384, or with that middle farther than 65536 pixels from the photo, and for a photo whose
/// `pixels` do not match its size.
image::GrayImage crop_face(const image::GrayImage& photo, const LocatedFace& face, double scale,
                           double wider = 1);

}  // namespace mien::face
