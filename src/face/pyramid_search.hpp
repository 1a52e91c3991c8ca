// Looks for faces in a photo at all sizes: the parts of all levels of its pyramid, as many at once as there are
// threads.
#pragma once

#include <array>
#include <vector>

#include "face/network_search.hpp"
#include "mien/model/reach.hpp"

namespace mien::face::detail {

/// Which faces are looked for. The sizes are those of NetworkDetectOptions.
struct PyramidOptions {
  Index min_face = 0, max_face = 0;
  double min_score = 0.5;
  PartSize parts = {};
};

/// For one thread at a time; the work inside spreads over the worker threads.
class PyramidSearch {
 public:
  /// `values` are what the network is given for each gray level.
  PyramidSearch(const model::FaceGrid& grid, const model::Reach& reach, const std::array<float, 256>& values,
                infer::Session session);

  /// The cells of an image with pixels whose scores reach min_score, as Candidates::strongest() gives them.
  /// Throws what NetworkSearch::look_at throws.
  std::vector<Candidate> candidates(const image::GrayImage& image, const PyramidOptions& options);

 private:
  model::FaceGrid grid_;
  model::Reach reach_;
  std::array<float, 256> values_;
  std::vector<NetworkSearch> searches_;  // at least one, and one for each thread that had work
};

}  // namespace mien::face::detail
