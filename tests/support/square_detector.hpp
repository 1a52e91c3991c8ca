// A network that takes bright squares on gray for faces, and pictures of them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "mien/model/graph.hpp"
#include "mien/model/model_file.hpp"

namespace mien::test {

/// Where its points lie, from the middle of a square on, in edges.
inline constexpr std::array<float, 10> kSquarePoints = {-0.2f, -0.15f, 0.2f,  -0.15f, 0.0f,
                                                        0.05f, -0.15f, 0.25f, 0.15f,  0.25f};

/// White squares of 28 pixels get a probability of 0.95, less bright ones and other sizes less. The grid's
/// octave is 20 .. 40.
inline model::ModelFile square_detector() {
  constexpr Index kWindow = 48, kSquare = 28, kBegin = (kWindow - kSquare) / 2;
  model::ModelFile model;
  model.name = "squares";
  model.spec = model::ModelSpec::from_text(
      "input 1 64 64 as picture | conv 1 48 pad 22 stride 4 as score | from picture | conv 4 1 stride 4 as box "
      "| "
      "from picture | conv 10 1 stride 4 as points | output score box points");
  model.normalization.scale = 1 / 255.0f;
  model.face_grid = model::FaceGrid{.stride = 4};
  for (const auto& p : model::parameters_of(model::plan(model.spec)))
    model.weights.push_back({p.name, Tensor(p.shape)});
  const auto tensor = [&](std::size_t i) { return model.weights[i].tensor.mutable_data(); };
  constexpr float kSharpness = 20;  // logits for a contrast of 1
  constexpr auto kInside = static_cast<float>(kSquare * kSquare);
  constexpr auto kAround = static_cast<float>(kWindow * kWindow) - kInside;
  const auto within = [](Index i) { return i >= kBegin && i < kBegin + kSquare; };
  for (Index y = 0; y < kWindow; ++y) {
    for (Index x = 0; x < kWindow; ++x) {
      tensor(0)[y * kWindow + x] = kSharpness * (within(x) && within(y) ? 1 / kInside : -1 / kAround);
    }
  }
  tensor(1)[0] = -7;
  std::copy(kSquarePoints.begin(), kSquarePoints.end(), tensor(5));
  return model;
}

inline image::GrayImage gray_picture(Index width, Index height) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 128)};
}

/// As much of it as lies on the picture.
inline void draw_square(image::GrayImage& picture, Index left, Index top, Index edge,
                        std::uint8_t level = 255) {
  for (Index y = std::max<Index>(top, 0); y < std::min(top + edge, picture.height); ++y) {
    for (Index x = std::max<Index>(left, 0); x < std::min(left + edge, picture.width); ++x) {
      picture.pixels[static_cast<std::size_t>(y * picture.width + x)] = level;
    }
  }
}

}  // namespace mien::test
