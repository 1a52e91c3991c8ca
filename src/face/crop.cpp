#include "mien/face/crop.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "face/limits.hpp"
#include "mien/core/error.hpp"

namespace mien::face {
namespace {

using detail::kMaxEdge;

void check(const image::GrayImage& photo, const Face& face, double margin) {
  if (!(margin >= -0.25 && margin <= 1)) {
    throw ArgumentError("[crop_face] the margin must be in [-0.25, 1], got " + std::to_string(margin));
  }
  if (photo.width < 1 || photo.height < 1 ||
      photo.pixels.size() != static_cast<std::size_t>(photo.width * photo.height)) {
    throw ArgumentError("[crop_face] the photo's pixels do not match its size");
  }
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

}  // namespace

image::GrayImage crop_face(const image::GrayImage& photo, const Face& face, double margin) {
  check(photo, face, margin);
  const double edge = static_cast<double>(std::max(face.width, face.height)) * (1 + 2 * margin);
  const Index side = std::max<Index>(std::llround(edge), 1);
  const auto begin = [&](Index at, Index size) {
    return std::llround(static_cast<double>(at) + static_cast<double>(size - side) / 2);
  };
  const Index left = begin(face.x, face.width), top = begin(face.y, face.height);
  image::GrayImage crop{side, side, std::vector<std::uint8_t>(static_cast<std::size_t>(side * side))};
  for (Index y = 0; y < side; ++y) {
    const std::uint8_t* row =
        photo.pixels.data() + std::clamp<Index>(top + y, 0, photo.height - 1) * photo.width;
    std::uint8_t* out = crop.pixels.data() + y * side;
    for (Index x = 0; x < side; ++x) out[x] = row[std::clamp<Index>(left + x, 0, photo.width - 1)];
  }
  return crop;
}

}  // namespace mien::face
