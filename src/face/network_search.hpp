// Runs a network over the levels of a pyramid and reads what it says of each cell.
#pragma once

#include <array>
#include <vector>

#include "face/candidates.hpp"
#include "face/pyramid.hpp"
#include "mien/core/tensor.hpp"

namespace mien::face::detail {

class NetworkSearch {
 public:
  /// `values` are what the network is given for each gray level. Levels are cut into parts with edges of
  /// `most_edge` pixels at most, beside what the network looks at around them, so that buffers stay small.
  NetworkSearch(const model::FaceGrid& grid, const model::Reach& reach, const std::array<float, 256>& values,
                infer::Session& session, double min_score, Index most_edge = 1024);

  /// Collects the cells of level `number` whose scores reach min_score. Throws DataError for an output that is
  /// not finite, and ArgumentError for a network whose outputs do not follow the picture's size.
  void look_at(const image::GrayImage& picture, const PyramidLevel& level, Index number);
  std::vector<Candidate> strongest() { return found_.strongest(); }

 private:
  struct Part;
  void fill(const image::GrayImage& picture, const Part& part);
  void compute(Index height, Index width);
  void collect(const Part& part);
  Candidate read(const Part& part, Index row, Index column) const;

  const model::FaceGrid& grid_;
  const model::Reach& reach_;
  const std::array<float, 256>& values_;
  infer::Session& session_;
  double min_score_;
  Index most_edge_;
  Candidates found_;
  Tensor input_;
  std::array<Tensor, 3> outputs_;  // score, box, points
};

}  // namespace mien::face::detail
