// Two spirals, one inside the other: points of two classes that no straight line separates.
#pragma once

#include <algorithm>
#include <cmath>
#include <mien/core/random.hpp>
#include <mien/core/tensor.hpp>
#include <vector>

namespace tutorial {

struct Points {
  mien::Tensor positions;            ///< [N][2], x and y within -1.1 .. 1.1
  std::vector<std::uint8_t> labels;  ///< N of 0 or 1: which spiral
};

/// `count` points; the same ones for the same seed.
inline Points spirals(mien::Index count, std::uint64_t seed) {
  Points points{mien::Tensor({count, 2}), {}};
  mien::RandomStream random(seed, mien::RandomPurpose::user, 0);
  for (mien::Index i = 0; i < count; ++i) {
    const std::uint32_t label = random.next_below(2);
    const float along = random.next_uniform();
    const float angle = 3.1416f * (static_cast<float>(label) + 2 * along), radius = 0.1f + 0.9f * along;
    points.positions.mutable_data()[2 * i] = radius * std::cos(angle) + 0.02f * random.next_normal();
    points.positions.mutable_data()[2 * i + 1] = radius * std::sin(angle) + 0.02f * random.next_normal();
    points.labels.push_back(static_cast<std::uint8_t>(label));
  }
  return points;
}

/// How many rows of `logits` [N][classes] are largest at their label.
inline int count_right(const mien::Tensor& logits, const std::vector<std::uint8_t>& labels) {
  int right = 0;
  const mien::Index classes = logits.dim(1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const float* row = logits.data() + static_cast<mien::Index>(i) * classes;
    right += std::max_element(row, row + classes) - row == labels[i];
  }
  return right;
}

}  // namespace tutorial
