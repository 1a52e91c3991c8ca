#include "mien/face/located_face.hpp"

#include <cmath>
#include <numbers>

namespace mien::face {
namespace {

double degrees(double radians) {
  return radians * 180 / std::numbers::pi;
}

Point between(const Point& a, const Point& b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

}  // namespace

FacePose pose_of(const FacePoints& points) {
  const auto& [left_eye, right_eye, nose, left_corner, right_corner] = points;
  const Point eyes{right_eye.x - left_eye.x, right_eye.y - left_eye.y};
  const Point middle = between(left_eye, right_eye);
  const double square = eyes.x * eyes.x + eyes.y * eyes.y;
  const double along = (nose.x - middle.x) * eyes.x + (nose.y - middle.y) * eyes.y;
  FacePose pose{.roll = degrees(std::atan2(eyes.y, eyes.x)),
                .yaw = degrees(std::atan2(2 * along, square)),
                .turned_away = false,
                .turn = along / square};
  pose.turned_away = !(square > 0) || std::abs(pose.yaw) > kMostYaw || std::abs(pose.roll) > kMostRoll;
  return pose;
}

Point middle_of(const FacePoints& points) {
  return between(between(points[0], points[1]), between(points[3], points[4]));
}

}  // namespace mien::face
