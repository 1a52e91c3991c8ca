// Pictures for a face detector to learn from: parts of several photos side by side, changed at random.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/core/random.hpp"
#include "mien/data/face_photos.hpp"
#include "mien/image/augment.hpp"

namespace mien::data {

/// How canvases are made.
struct CanvasOptions {
  Index edge = 160;             ///< pixels of a canvas, 32 .. 1024
  float least = 20, most = 40;  ///< edges that faces are given, pixels
  float mirror = 0.5f;          ///< probability of exchanging left and right
  float rotate = 40;            ///< most degrees; half of the faces at most a quarter of it
  float stretch = 0.08f;        ///< most change of width against height, relative
  float cover = 0.2f;           ///< probability that a part of a face is covered
  /// Where a canvas is of one photo: most distance of a face's middle from its, along each axis, relative to
  /// the face's edge. A sixth of the faces are farther off, up to three quarters.
  float off_center = 0.12f;
  /// Share of the parts with a face that come so close to it, or to what is below it, that an ear or a hand is
  /// as large as a face is to be.
  float close = 0;
  image::Augmentation pixels = {};  ///< what is done to each photo's part; nothing that moves it
};

/// A face on a canvas, in its pixels.
struct CanvasFace {
  MarkedFace marks;
  bool clear = true;  ///< to be found; else it is too small, too large or cut, and nothing is asked about it
};

/// A picture made of parts of photos, with the faces on it.
struct FaceCanvas {
  Index edge = 0;
  std::vector<std::uint8_t> pixels;  ///< [edge][edge]; gray 128 where no photo is
  /// For each pixel, 1 where there is no face but those below: in photos without any, and around each of them
  /// as far as 1.25 of its edge from its middle; elsewhere there may be others that nobody marked.
  std::vector<std::uint8_t> known;
  std::vector<CanvasFace> faces;
};

/// Photos a canvas is made of, where it is not one.
inline constexpr std::size_t kCanvasPhotos = 4;

/// Puts parts of kCanvasPhotos photos side by side, or shows a part of one. Of a photo with faces one is
/// chosen, scaled to an edge in least .. most, turned, mirrored or not, and placed; of one without, any part at
/// any size. What is drawn depends on `random` alone. Throws ArgumentError for options out of range and another
/// number of photos.
FaceCanvas make_canvas(std::span<const FacePhoto* const> photos, const CanvasOptions& options,
                       RandomStream random);

}  // namespace mien::data
