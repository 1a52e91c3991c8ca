// Finds the faces in an image and reads their expressions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/face/detector.hpp"
#include "mien/image/image.hpp"
#include "mien/image/views.hpp"
#include "mien/infer/ensemble.hpp"
#include "models.hpp"
#include "prediction.hpp"

namespace ferpredict {

enum class Search {
  automatic,  ///< tiny images are crops of faces, in larger ones faces are looked for
  haar,       ///< in every image
  none,       ///< every image is the crop of a face
};

/// Up to this edge, in pixels, Search::automatic takes an image as the crop of a face.
inline constexpr mien::Index kLargestCrop = 64;

/// Whether an image may be the crop of a face rather than a photo with none: no edge is above 128 pixels
/// and the shorter one at least half of the longer, or none above 400 and the shorter one at least 0.8 of it.
bool may_be_crop(mien::Index width, mien::Index height);

struct FaceOptions {
  Search search = Search::automatic;
  bool fall_back = false;            ///< Search::automatic takes what may_be_crop as one where no face is found
  std::string cascade;               ///< empty: mien::face::find_default_cascade
  std::optional<double> margin;      ///< around a face that was found; none: what the models say
  mien::face::DetectOptions detect;  ///< min_face 0: default_min_face of the image
};

/// The smallest face looked for when none is given, in pixels: a fortieth of the longer edge, but 24 to 48.
/// Smaller ones tell a network little, and take most of the time.
mien::Index default_min_face(mien::Index width, mien::Index height);

/// Faces are to be looked for, and there is no cascade.
class NoCascadeError : public mien::DataError {
 public:
  using DataError::DataError;
};

/// For one thread at a time; the work inside spreads over the worker threads.
class FaceReader {
 public:
  /// Throws mien::DataError for a cascade of the options that cannot be read, for models that want different
  /// margins when the options have none, and NoCascadeError for Search::haar without a cascade. Where no
  /// cascade is needed for sure, none is looked for yet.
  FaceReader(const FaceOptions& options, const std::vector<Model>& models, mien::image::Views views);

  /// Fills in everything but the name and what decoding took. Throws NoCascadeError naming `name` when faces
  /// are to be looked for but there is no cascade, unless the image is taken as a crop, and mien::DataError
  /// when a model's output is not finite.
  Prediction read(const mien::image::GrayImage& image, std::string_view name);

  /// Why there is no cascade, and what to do; empty as long as none was missed.
  const std::string& no_cascade() const { return no_cascade_; }

 private:
  /// Null, with the reason in no_cascade_, when there is none.
  const mien::face::CascadeDetector* detector();
  std::vector<FacePrediction> find(const mien::face::CascadeDetector& finder,
                                   const mien::image::GrayImage& image) const;
  /// Fills in what each face, or the crop that the image is, is read as.
  void predict(const mien::image::GrayImage& image, std::string_view name, std::span<FacePrediction> faces);

  FaceOptions options_;
  double margin_;
  std::optional<mien::face::CascadeDetector> detector_;
  std::string no_cascade_;
  mien::infer::Ensemble ensemble_;
};

}  // namespace ferpredict
