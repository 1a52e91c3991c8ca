// From a picture to the expressions of the faces in it: finds them, cuts them out and asks networks about each.
#pragma once

#include <filesystem>
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
#include "mien/model/model_file.hpp"
#include "mien/reader/reading.hpp"

namespace mien::reader {

enum class Search {
  automatic,  ///< tiny pictures are crops of faces, in larger ones faces are looked for
  haar,       ///< in every picture
  none,       ///< every picture is the crop of a face
};

/// Up to this edge, in pixels, Search::automatic takes a picture as the crop of a face.
inline constexpr Index kLargestCrop = 64;

/// Whether a picture may be the crop of a face rather than a photo with none: no edge is above 128 pixels
/// and the shorter one at least half of the longer, or none above 400 and the shorter one at least 0.8 of it.
bool may_be_crop(Index width, Index height);

/// The smallest face looked for when none is given, in pixels: a fortieth of the longer edge, but 24 to 48.
/// Smaller ones tell a network little, and take most of the time.
Index default_min_face(Index width, Index height);

struct ReaderOptions {
  Search search = Search::automatic;
  bool fall_back = false;  ///< Search::automatic takes what may_be_crop as one where no face is found
  std::filesystem::path cascade = {};  ///< empty: face::find_default_cascade
  std::optional<double> margin = {};   ///< around a face that was found (face::crop_face); none: the models'
  face::DetectOptions detect = {};     ///< min_face 0: default_min_face of the picture
  image::Views views = image::Views::none;  ///< of a face, over which answers are averaged
};

/// Faces are to be looked for, and there is no cascade.
class NoCascadeError : public DataError {
 public:
  using DataError::DataError;
};

/// For one thread at a time; the work inside spreads over the worker threads. Reads OpenCV's cascades, which
/// are no part of the library (Debian: opencv-data), once a picture asks for one.
class FaceReader {
 public:
  /// Several models are an ensemble, the mean of their probabilities. Weights are shared, not copied. Throws
  /// what infer::Ensemble throws, DataError for a cascade of the options that cannot be read, NoCascadeError
  /// for Search::haar without one, and ArgumentError for models that want different margins when the options
  /// have none.
  explicit FaceReader(std::span<const model::ModelFile> models, const ReaderOptions& options = {});

  /// The faces of a picture, which `name` stands for in messages. Where it was decoded at a reduced size, boxes
  /// and options are in pixels of the whole one. Throws NoCascadeError when faces are to be looked for but
  /// there is no cascade, unless the picture is taken as a crop; DataError when a model's output is not finite;
  /// what face::CascadeDetector::detect and face::crop_face throw.
  Reading read(const image::GrayImage& image, std::string_view name = "picture");

  /// Why there is no cascade, and what to do; empty as long as none was missed.
  const std::string& no_cascade() const { return no_cascade_; }

 private:
  /// Null, with the reason in no_cascade_, when there is none.
  const face::CascadeDetector* detector();
  std::vector<FacePrediction> find(const face::CascadeDetector& finder, const image::GrayImage& image) const;
  /// Fills in what each face, or the crop that the image is, is read as.
  void predict(const image::GrayImage& image, std::string_view name, std::span<FacePrediction> faces);

  ReaderOptions options_;
  double margin_;
  std::optional<face::CascadeDetector> detector_;
  std::string no_cascade_;
  infer::Ensemble ensemble_;
};

}  // namespace mien::reader
