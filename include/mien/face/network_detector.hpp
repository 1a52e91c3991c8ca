// Faces in a photo, found by a network that slides over it and over pictures of it at smaller sizes (Rowley,
// Baluja & Kanade 1998): boxes, scores and five points of each.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "mien/face/located_face.hpp"
#include "mien/image/image.hpp"
#include "mien/model/model_file.hpp"

namespace mien::face {

namespace detail {
class CloseLook;
class PyramidSearch;
}  // namespace detail

/// Which faces a network searches for.
struct NetworkDetectOptions {
  /// Pixels, the mean of both edges, 0 .. 16384. What the network takes for up to a fifth less is found, too.
  /// 0 means the least that the network knows; less than half of that cannot be found.
  Index min_face = 0;
  Index max_face = 0;                    ///< likewise, up to a quarter more; 0 means the picture
  std::optional<double> min_score = {};  ///< 0 .. 1; none: the model's
};

/// For one thread at a time; the work inside spreads over the worker threads.
class NetworkDetector {
 public:
  /// Weights are shared, not copied. Throws what infer::Session throws; ArgumentError for a model without a
  /// face_grid, one that prepares pixels by more than a factor, and one that does not slide over pictures.
  explicit NetworkDetector(const model::ModelFile& finder);
  /// With look_closely().
  NetworkDetector(const model::ModelFile& finder, const model::ModelFile& closer);
  NetworkDetector(NetworkDetector&& other) noexcept;
  NetworkDetector& operator=(NetworkDetector&& other) noexcept;
  ~NetworkDetector();

  /// From now on `closer` looks at each face that was found, for its box and points, and for half of its score.
  /// Throws as the constructor does, and for a closer whose grid is not of one cell.
  void look_closely(const model::ModelFile& closer);

  /// The faces, largest area first, then from top to bottom and from left to right. What lies beyond the
  /// picture is taken to be of gray level 128, so that faces cut by an edge are found as far as they are there.
  /// Boxes of one face, next to or inside of each other, are merged into one, and at most 2000 are looked at.
  /// The result does not depend on the number of threads. Throws ArgumentError for options out of range, for an
  /// image whose `pixels` do not match its size, and for edges above 16384; DataError when an output
  /// for what is taken for a face is not finite, and when the network does not take a picture of this size.
  std::vector<LocatedFace> detect(const image::GrayImage& image, const NetworkDetectOptions& options = {});

  /// What a score has to reach where the options do not say.
  double min_score() const;

 private:
  model::FaceGrid grid_;
  std::unique_ptr<detail::PyramidSearch> search_;
  std::unique_ptr<detail::CloseLook> close_look_;  // where there is a second network
};

}  // namespace mien::face
