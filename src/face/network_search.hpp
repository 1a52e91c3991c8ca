// Runs a network over a part of a picture and reads what it says of each cell.
#pragma once

#include <array>
#include <cstdint>

#include "face/candidates.hpp"
#include "face/pyramid.hpp"
#include "mien/core/tensor.hpp"
#include "mien/image/image.hpp"
#include "mien/infer/session.hpp"

namespace mien::face::detail {

/// For one thread at a time.
class NetworkSearch {
 public:
  /// `values` are what the network is given for each gray level.
  NetworkSearch(const model::FaceGrid& grid, const std::array<float, 256>& values, infer::Session session);

  /// Adds the cells of the part, of a level with this picture, whose scores reach min_score. Throws DataError
  /// for an output that is not finite, and ArgumentError for a network whose outputs do not follow the
  /// picture's size.
  void look_at(const image::GrayImage& picture, const PyramidLevel& level, const LevelPart& part,
               double min_score, Candidates& found);

  const infer::Session& session() const { return session_; }

 private:
  void prepare(float* out, const std::uint8_t* pixels, Index count) const;
  void fill(const image::GrayImage& picture, const LevelPart& part);
  void compute(Index height, Index width);
  Candidate read(const PyramidLevel& level, const LevelPart& part, Index row, Index column) const;

  model::FaceGrid grid_;
  std::array<float, 256> values_;
  bool proportional_;  // each value is its gray level times the first one's
  infer::Session session_;
  Tensor input_;
  std::array<Tensor, 3> outputs_;  // score, box, points
};

}  // namespace mien::face::detail
