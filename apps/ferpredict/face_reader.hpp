// Finds the faces in an image and reads their expressions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/face/detector.hpp"
#include "mien/image/image.hpp"
#include "mien/image/views.hpp"
#include "mien/infer/ensemble.hpp"
#include "models.hpp"
#include "prediction.hpp"

namespace ferpredict {

enum class Search {
  automatic,  ///< small images are crops of faces, in larger ones faces are looked for
  haar,       ///< in every image
  none,       ///< every image is the crop of a face
};

/// Up to this edge, in pixels, Search::automatic takes an image as the crop of a face.
inline constexpr mien::Index kLargestCrop = 64;

struct FaceOptions {
  Search search = Search::automatic;
  std::string cascade;               ///< empty: mien::face::find_default_cascade
  std::optional<double> margin;      ///< around a face that was found; none: what the models say
  mien::face::DetectOptions detect;  ///< min_face 0: default_min_face of the image
};

/// The smallest face looked for when none is given, in pixels: a fortieth of the longer edge, but 24 to 48.
/// Smaller ones tell a network little, and take most of the time.
mien::Index default_min_face(mien::Index width, mien::Index height);

/// For one thread at a time; the work inside spreads over the worker threads.
class FaceReader {
 public:
  /// Throws mien::DataError for a cascade that cannot be read, and for models that want different margins when
  /// the options have none. Where no cascade is needed for sure, none is looked for yet.
  FaceReader(const FaceOptions& options, const std::vector<Model>& models, mien::image::Views views);

  /// Fills in everything but the name and what decoding took. Throws mien::DataError naming `name` when faces
  /// are to be looked for but there is no cascade, and when a model's output is not finite.
  Prediction read(const mien::image::GrayImage& image, std::string_view name);

 private:
  const mien::face::CascadeDetector& detector(std::string_view name);
  /// Fills in what each face, or the crop that the image is, is read as.
  void predict(const mien::image::GrayImage& image, std::string_view name, std::span<FacePrediction> faces);

  FaceOptions options_;
  double margin_;
  std::optional<mien::face::CascadeDetector> detector_;
  mien::infer::Ensemble ensemble_;
};

}  // namespace ferpredict
