#include "mien/face/crop.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "face/cut_square.hpp"
#include "face/limits.hpp"
#include "mien/core/error.hpp"

namespace mien::face {
namespace {

using detail::kMaxEdge;

// Of the middle between eyes and mouth, as shares of a crop's edges.
constexpr double kMiddleX = 0.5, kMiddleY = 0.57;

void check_pixels(const image::GrayImage& photo) {
  if (photo.width < 1 || photo.height < 1 ||
      photo.pixels.size() != static_cast<std::size_t>(photo.width * photo.height)) {
    throw ArgumentError("[crop_face] the photo's pixels do not match its size");
  }
}

void check_wider(double wider) {
  if (wider >= 1 && wider <= 2) return;
  throw ArgumentError("[crop_face] expected 1 to 2 times as wide, got " + std::to_string(wider));
}

void check(const image::GrayImage& photo, const Face& face, double margin) {
  if (!(margin >= -0.25 && margin <= 1)) {
    throw ArgumentError("[crop_face] the margin must be in [-0.25, 1], got " + std::to_string(margin));
  }
  check_pixels(photo);
  const bool has_size =
      face.width >= 1 && face.width <= kMaxEdge && face.height >= 1 && face.height <= kMaxEdge;
  const bool overlaps = has_size && face.x < photo.width && face.y < photo.height && face.x > -face.width &&
                        face.y > -face.height;
  if (!overlaps) {
    throw ArgumentError("[crop_face] a face of " + std::to_string(face.width) + " x " +
                        std::to_string(face.height) + " pixels at " + std::to_string(face.x) + ", " +
                        std::to_string(face.y) + " is not on the photo of " + std::to_string(photo.width) +
                        " x " + std::to_string(photo.height));
  }
}

void check(const image::GrayImage& photo, const LocatedFace& face, double scale) {
  if (!(scale >= 0.5 && scale <= 3)) {
    throw ArgumentError("[crop_face] the scale must be in [0.5, 3], got " + std::to_string(scale));
  }
  check_pixels(photo);
  constexpr auto kMost = static_cast<double>(kMaxEdge), kFarthest = 4 * kMost;
  const auto is_edge = [](double edge) { return edge > 0 && edge <= kMost; };
  const auto is_near = [](double at, Index length) {
    return at >= -kFarthest && at <= static_cast<double>(length) + kFarthest;
  };
  const Point middle = middle_of(face.points);
  if (!is_edge(face.width) || !is_edge(face.height) || !is_near(middle.x, photo.width) ||
      !is_near(middle.y, photo.height)) {
    throw ArgumentError("[crop_face] a face of " + std::to_string(face.width) + " x " +
                        std::to_string(face.height) + " pixels around " + std::to_string(middle.x) + ", " +
                        std::to_string(middle.y) + " is not on a photo");
  }
}

}  // namespace

image::GrayImage detail::cut_square(const image::GrayImage& photo, Index left, Index top, Index side,
                                    std::optional<std::uint8_t> beyond) {
  image::GrayImage crop{side, side,
                        std::vector<std::uint8_t>(static_cast<std::size_t>(side * side), beyond.value_or(0))};
  for (Index y = 0; y < side; ++y) {
    const bool outside = top + y < 0 || top + y >= photo.height;
    if (beyond && outside) continue;
    const std::uint8_t* row =
        photo.pixels.data() + std::clamp<Index>(top + y, 0, photo.height - 1) * photo.width;
    std::uint8_t* out = crop.pixels.data() + y * side;
    const Index first = beyond ? std::clamp<Index>(-left, 0, side) : 0;
    const Index last = beyond ? std::clamp<Index>(photo.width - left, first, side) : side;
    for (Index x = first; x < last; ++x) out[x] = row[std::clamp<Index>(left + x, 0, photo.width - 1)];
  }
  return crop;
}

image::GrayImage crop_face(const image::GrayImage& photo, const Face& face, double margin, double wider) {
  check(photo, face, margin);
  check_wider(wider);
  const double edge = static_cast<double>(std::max(face.width, face.height)) * (1 + 2 * margin);
  const Index side = std::max<Index>(std::llround(edge * wider), 1);
  const auto begin = [&](Index at, Index size) {
    return std::llround(static_cast<double>(at) + static_cast<double>(size - side) / 2);
  };
  return detail::cut_square(photo, begin(face.x, face.width), begin(face.y, face.height), side);
}

image::GrayImage crop_face(const image::GrayImage& photo, const LocatedFace& face, double scale, double wider) {
  check(photo, face, scale);
  check_wider(wider);
  const double edge = std::max(std::round((face.width + face.height) / 2 * scale), 1.0);
  const double side = std::round(edge * wider);
  const Point middle = middle_of(face.points);
  const auto begin = [&](double at, double share) {
    return std::llround(at + (0.5 - share) * edge - side / 2);
  };
  return detail::cut_square(photo, begin(middle.x, kMiddleX), begin(middle.y, kMiddleY),
                            static_cast<Index>(side));
}

}  // namespace mien::face
