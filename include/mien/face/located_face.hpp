// A face as a network finds it: box, score, and points that say how it is turned.
#pragma once

#include <array>

#include "mien/model/face_grid.hpp"

namespace mien::face {

/// In pixels, pixel i of the picture covering [i, i + 1).
struct Point {
  double x = 0, y = 0;

  friend bool operator==(const Point&, const Point&) = default;
};

/// Left eye, right eye, nose, left and right corner of the mouth; left and right as seen.
using FacePoints = std::array<Point, model::FaceGrid::kPoints>;

/// In pixels of the picture, beyond which it may reach.
struct LocatedFace {
  double x = 0, y = 0, width = 0, height = 0;
  double score = 0;  ///< the probability that this is a face, 0 .. 1
  FacePoints points = {};

  friend bool operator==(const LocatedFace&, const LocatedFace&) = default;
};

/// How a face is turned, as far as five points tell; in degrees.
struct FacePose {
  double roll =
      0;  ///< of the line from the left to the right eye, -180 .. 180: above 0 where the right one is lower
  /// -90 .. 90, above 0 where the nose points to the right. With t = how far the nose is from the middle
  /// between the eyes, along their line and in units of their distance, it is atan(2 t): noses stand out by
  /// about half of the eyes' distance.
  double yaw = 0;
  bool turned_away = false;  ///< too far for expressions to be read: beyond kMostYaw or kMostRoll
  double turn = 0;           ///< the t above; not finite where the eyes lie on each other

  friend bool operator==(const FacePose&, const FacePose&) = default;
};

/// Of FER2013's PublicTest rows the large network reads 75 % where a face is turned by less than 6 degrees, 66
/// % at 12 to 30, 57 % of the 110 beyond 36; and 53 % of the 38 that lean by more than 35.
inline constexpr double kMostYaw = 40, kMostRoll = 45;

/// Points that lie on each other give a face that is turned away.
FacePose pose_of(const FacePoints& points);

/// The middle between the eyes' and the mouth's.
Point middle_of(const FacePoints& points);

}  // namespace mien::face
