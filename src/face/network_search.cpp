#include "face/network_search.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "face/face_outputs.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"

namespace mien::face::detail {
namespace {

bool is_proportional(const std::array<float, 256>& values) {
  for (std::size_t level = 0; level < values.size(); ++level) {
    if (values[level] != static_cast<float>(level) * values[1]) return false;
  }
  return true;
}

}  // namespace

NetworkSearch::NetworkSearch(const model::FaceGrid& grid, const std::array<float, 256>& values,
                             infer::Session session)
    : grid_(grid), values_(values), proportional_(is_proportional(values)), session_(std::move(session)) {}

void NetworkSearch::look_at(const image::GrayImage& picture, const PyramidLevel& level, const LevelPart& part,
                            double min_score, Candidates& found) {
  fill(picture, part);
  compute(part.rows.size, part.columns.size);
  // Few cells come near; the others need no exponential.
  const auto near = static_cast<float>(std::log(min_score / (1 - min_score)) - 1e-3);
  const Index cells_in_row = part.columns.size / grid_.stride;
  for (Index row = part.rows.begin; row < part.rows.end; ++row) {
    for (Index column = part.columns.begin; column < part.columns.end; ++column) {
      const float logit = outputs_[0].data()[row * cells_in_row + column];
      if (logit < near || (std::isfinite(logit) && probability(double{logit}) < min_score)) continue;
      found.add(read(level, part, row, column));
    }
  }
}

void NetworkSearch::prepare(float* out, const std::uint8_t* pixels, Index count) const {
  if (proportional_) {
    // Several at once, where a table is read one by one.
    const float value = values_[1];
    for (Index i = 0; i < count; ++i) out[i] = static_cast<float>(pixels[i]) * value;
  } else {
    for (Index i = 0; i < count; ++i) out[i] = values_[pixels[i]];
  }
}

void NetworkSearch::fill(const image::GrayImage& picture, const LevelPart& part) {
  const Index height = part.rows.size, width = part.columns.size;
  input_ = Tensor::uninitialized({height, width});
  const Index begin = std::clamp<Index>(-part.left, 0, width);
  const Index end = std::clamp<Index>(picture.width - part.left, begin, width);
  constexpr Index kRows = 32;
  parallel_for_ranges(height, kRows, [&](Index first, Index last) {
    for (Index y = first; y < last; ++y) {
      float* out = input_.mutable_data() + y * width;
      const Index row = part.top + y;
      if (row < 0 || row >= picture.height) {
        std::fill(out, out + width, values_[image::kMiddleGray]);
        continue;
      }
      const std::uint8_t* pixels = picture.pixels.data() + row * picture.width;
      std::fill(out, out + begin, values_[image::kMiddleGray]);
      prepare(out + begin, pixels + part.left + begin, end - begin);
      std::fill(out + end, out + width, values_[image::kMiddleGray]);
    }
  });
}

void NetworkSearch::compute(Index height, Index width) {
  session_.set_input_size(height, width);
  std::array<float*, 3> to = {};
  for (std::size_t i = 0; i < to.size(); ++i) {
    const Shape& shape = session_.output_shapes()[i];
    if (shape[1] != height / grid_.stride || shape[2] != width / grid_.stride) {
      throw ArgumentError("[detect] the network gives " + shape.to_string() + " for a picture of " +
                          std::to_string(width) + " x " + std::to_string(height));
    }
    outputs_[i] = Tensor::uninitialized(shape);
    to[i] = outputs_[i].mutable_data();
  }
  session_.outputs(to, input_.data(), 1);
}

Candidate NetworkSearch::read(const PyramidLevel& level, const LevelPart& part, Index row, Index column) const {
  const Index cell_rows = part.rows.size / grid_.stride, cells_in_row = part.columns.size / grid_.stride;
  const auto value = [&](std::size_t output, std::size_t channel) {
    const Index at = (static_cast<Index>(channel) * cell_rows + row) * cells_in_row + column;
    return outputs_[output].data()[at];
  };
  CellOutputs outputs{.score = value(0, 0), .box = {}, .points = {}};
  for (std::size_t i = 0; i < outputs.box.size(); ++i) outputs.box[i] = value(1, i);
  for (std::size_t i = 0; i < outputs.points.size(); ++i) outputs.points[i] = value(2, i);
  const auto place = [&](Index cell, Index first) {
    return (static_cast<double>(cell) + 0.5) * static_cast<double>(grid_.stride) + static_cast<double>(first);
  };
  const LocatedFace face = face_of(outputs, grid_, place(column, part.left), place(row, part.top));
  return {.face = on_photo(face, level.scale_x, level.scale_y, 0, 0),
          .logit = outputs.score,
          .level = static_cast<Index>(part.level),
          .row = part.rows.first / grid_.stride + row,
          .column = part.columns.first / grid_.stride + column};
}

}  // namespace mien::face::detail
