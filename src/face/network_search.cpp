#include "face/network_search.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "face/face_outputs.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"

namespace mien::face::detail {
struct NetworkSearch::Part {
  const PyramidLevel& level;
  Index number;  // of the level
  const AxisPart &rows, &columns;
  Index top, left;                // where it begins, in pixels of the level
  Index cell_rows, cells_in_row;  // margins included
};

NetworkSearch::NetworkSearch(const model::FaceGrid& grid, const model::Reach& reach,
                             const std::array<float, 256>& values, infer::Session& session, double min_score,
                             Index most_edge)
    : grid_(grid),
      reach_(reach),
      values_(values),
      session_(session),
      min_score_(min_score),
      most_edge_(most_edge) {}

void NetworkSearch::look_at(const image::GrayImage& picture, const PyramidLevel& level, Index number) {
  const LevelAxis rows = plan_axis(picture.height, grid_, reach_, most_edge_);
  const LevelAxis columns = plan_axis(picture.width, grid_, reach_, most_edge_);
  for (const AxisPart& row : rows.parts) {
    for (const AxisPart& column : columns.parts) {
      const Part part{.level = level,
                      .number = number,
                      .rows = row,
                      .columns = column,
                      .top = row.first - rows.margin,
                      .left = column.first - columns.margin,
                      .cell_rows = row.size / grid_.stride,
                      .cells_in_row = column.size / grid_.stride};
      fill(picture, part);
      compute(row.size, column.size);
      collect(part);
    }
  }
}

void NetworkSearch::fill(const image::GrayImage& picture, const Part& part) {
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
      for (Index x = begin; x < end; ++x) out[x] = values_[pixels[part.left + x]];
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

void NetworkSearch::collect(const Part& part) {
  // Few cells come near; the others need no exponential.
  const auto near = static_cast<float>(std::log(min_score_ / (1 - min_score_)) - 1e-3);
  for (Index row = part.rows.begin; row < part.rows.end; ++row) {
    for (Index column = part.columns.begin; column < part.columns.end; ++column) {
      const float logit = outputs_[0].data()[row * part.cells_in_row + column];
      if (logit < near || (std::isfinite(logit) && probability(double{logit}) < min_score_)) continue;
      found_.add(read(part, row, column));
    }
  }
}

Candidate NetworkSearch::read(const Part& part, Index row, Index column) const {
  const auto value = [&](std::size_t output, std::size_t channel) {
    const Index at = (static_cast<Index>(channel) * part.cell_rows + row) * part.cells_in_row + column;
    return outputs_[output].data()[at];
  };
  CellOutputs outputs{.score = value(0, 0), .box = {}, .points = {}};
  for (std::size_t i = 0; i < outputs.box.size(); ++i) outputs.box[i] = value(1, i);
  for (std::size_t i = 0; i < outputs.points.size(); ++i) outputs.points[i] = value(2, i);
  const auto place = [&](Index cell, Index first) {
    return (static_cast<double>(cell) + 0.5) * static_cast<double>(grid_.stride) + static_cast<double>(first);
  };
  const LocatedFace face = face_of(outputs, grid_, place(column, part.left), place(row, part.top));
  return {.face = on_photo(face, part.level.scale_x, part.level.scale_y, 0, 0),
          .logit = outputs.score,
          .level = part.number,
          .row = part.rows.first / grid_.stride + row,
          .column = part.columns.first / grid_.stride + column};
}

}  // namespace mien::face::detail
