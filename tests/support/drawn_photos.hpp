// Photos with one drawn face each somewhere on noisy gray, and photos of patterns.
#pragma once

#include <string>

#include "faces.hpp"
#include "mien/core/random.hpp"
#include "mien/data/face_photos.hpp"
#include "mien/image/resize.hpp"
#include "support/face_photos.hpp"

namespace mien::test {

inline void paste(image::GrayImage& onto, const image::GrayImage& image, Index left, Index top) {
  for (Index y = 0; y < image.height; ++y) {
    for (Index x = 0; x < image.width; ++x) {
      onto.pixels[static_cast<std::size_t>((top + y) * onto.width + left + x)] =
          image.pixels[static_cast<std::size_t>(y * image.width + x)];
    }
  }
}

inline image::GrayImage noisy_gray(Index edge, RandomStream& random) {
  image::GrayImage photo = gray_photo(edge, edge);
  const std::uint32_t level = 40 + random.next_below(160);
  for (std::uint8_t& pixel : photo.pixels) pixel = static_cast<std::uint8_t>(level + random.next_below(40));
  return photo;
}

/// A photo of 128 x 128 pixels; the marks are where most of the drawn faces have them, give or take a pixel.
inline data::FacePhoto drawn_photo(std::uint64_t id) {
  RandomStream random(11, RandomPurpose::user, id);
  const auto label = static_cast<faces::Label>(id % faces::kLabels);
  const faces::Face drawn = faces::draw_face(11, id, label);
  const image::GrayImage face{faces::kSide, faces::kSide, {drawn.begin(), drawn.end()}};
  constexpr Index kEdge = 128;
  const Index edge = 40 + random.next_below(48);
  const Index left = random.next_below(static_cast<std::uint32_t>(kEdge - edge)),
              top = random.next_below(static_cast<std::uint32_t>(kEdge - edge));
  data::FacePhoto photo{"drawn/" + std::to_string(1000 + id) + ".pgm", noisy_gray(kEdge, random), {}, {}};
  paste(photo.image, image::resize(face, edge, edge), left, top);
  const auto at = [&](float x, float y) {
    const float scale = static_cast<float>(edge) / faces::kSide;
    return data::PhotoPoint{static_cast<float>(left) + x * scale, static_cast<float>(top) + y * scale};
  };
  const data::PhotoPoint corner = at(8, 13), opposite = at(40, 45);
  data::MarkedFace marks{corner.x, corner.y, opposite.x, opposite.y, {}};
  marks.points = {at(16, 21), at(32, 21), at(24, 29.5f), at(18, 37), at(30, 37)};
  photo.faces.push_back(marks);
  return photo;
}

/// Noise, with rectangles of one gray on it.
inline data::FacePhoto pattern_photo(std::uint64_t id) {
  RandomStream random(12, RandomPurpose::user, id);
  data::FacePhoto photo{"patterns/" + std::to_string(1000 + id) + ".pgm", noisy_gray(128, random), {}, {}};
  for (int i = 0; i < 6; ++i) {
    const Index width = 4 + random.next_below(60), height = 4 + random.next_below(60);
    paste(photo.image, gray_photo(width, height, static_cast<std::uint8_t>(random.next_below(256))),
          random.next_below(static_cast<std::uint32_t>(128 - width)),
          random.next_below(static_cast<std::uint32_t>(128 - height)));
  }
  return photo;
}

/// Of the kind of the network that comes along, and narrow.
inline constexpr const char* kNarrowDetector =
    "input 1 48 48 | conv 8 3 pad 1 stride 2 nobias | batchnorm | relu"
    " | conv 16 3 pad 1 stride 2 nobias | batchnorm | relu | conv 16 3 pad 1 stride 2 nobias | batchnorm | relu"
    " | dwconv 3 nobias | conv 32 1 nobias | batchnorm | relu as near"
    " | dwconv 3 stride 2 nobias | conv 32 1 nobias | batchnorm | upsample | add near | relu as both"
    " | conv 1 1 as score | from both | conv 4 1 as box | from both | conv 10 1 as points"
    " | output score box points";

}  // namespace mien::test
