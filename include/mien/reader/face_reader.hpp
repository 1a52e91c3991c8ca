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
#include "mien/face/network_detector.hpp"
#include "mien/image/image.hpp"
#include "mien/image/views.hpp"
#include "mien/infer/ensemble.hpp"
#include "mien/model/model_file.hpp"
#include "mien/reader/reading.hpp"

namespace mien::reader {

/// How the faces of a picture are looked for.
enum class Search {
  /// A picture up to kLargestCrop is taken as the crop of a face. In a larger one faces are looked for, by the
  /// network or, without one, a cascade. Models of whole pictures (ModelFile::whole_pictures): as with `none`.
  automatic,
  network,  ///< in every picture, by a network
  haar,     ///< in every picture, by a cascade
  none,     ///< every picture is the crop of a face
};

/// Up to this edge, in pixels, Search::automatic takes a picture as the crop of a face.
inline constexpr Index kLargestCrop = 64;

/// Whether a picture may be the crop of a face rather than a photo with none: no edge is above 128 pixels
/// and the shorter one at least half of the longer, or none above 400 and the shorter one at least 0.8 of it.
bool may_be_crop(Index width, Index height);

/// The smallest face looked for when none is given, in pixels: a fortieth of the longer edge, but 24 to 48, or
/// 20 to 48 by a network. Smaller ones tell little of an expression, and take most of the time.
Index default_min_face(Index width, Index height, bool by_network = false);

/// How pictures are read.
struct ReaderOptions {
  Search search = Search::automatic;
  bool fall_back = false;  ///< Search::automatic takes what may_be_crop as one where no face is found
  /// The file of a network that finds faces. Empty: Search::automatic looks for them by a cascade.
  std::filesystem::path face_model = {};
  std::filesystem::path point_model =
      {};                              ///< of one that looks at each of these faces closely; empty: none does
  std::filesystem::path cascade = {};  ///< empty: face::find_default_cascade
  std::optional<double> margin =
      {};                           ///< around a face that a cascade found (face::crop_face); none: the models'
  std::optional<double> crop = {};  ///< the same for a network, face::crop_face's scale; none: the models'
  face::DetectOptions detect = {};  ///< min_face 0: default_min_face. A network takes min_face and max_face
  std::optional<double> min_score = {};     ///< of a network's faces, 0 .. 1; none: the network's own
  image::Views views = image::Views::none;  ///< of a face, over which answers are averaged
  model::ModelLimits limits = {};           ///< of face_model and point_model
};

/// The networks of face_model and point_model. Throws DataError for a file that cannot be read or used.
face::NetworkDetector read_networks(const ReaderOptions& options);
/// The same of files that are open, or held in memory; without a closer where that is null.
face::NetworkDetector read_networks(const model::SafetensorsFile& finder,
                                    const model::SafetensorsFile* closer = nullptr,
                                    const model::ModelLimits& limits = {});

/// What may be another for each picture.
struct PictureOptions {
  bool fall_back = false;                ///< as in ReaderOptions
  Index min_face = 0;                    ///< as in DetectOptions, 0: default_min_face
  std::optional<double> min_score = {};  ///< as in ReaderOptions
};

/// Faces are to be looked for, and there is no cascade.
class NoCascadeError : public DataError {
 public:
  using DataError::DataError;
};

/// For one thread at a time; the work inside spreads over the worker threads. Without a network to find faces,
/// reads OpenCV's cascades, which are no part of the library (Debian: opencv-data), once a picture asks for
/// one.
class FaceReader {
 public:
  /// Several models are an ensemble, the mean of their probabilities. Weights are shared, not copied. Throws
  /// what infer::Ensemble throws, DataError for a network or cascade of the options that cannot be read or
  /// used, NoCascadeError for Search::haar without one, and ArgumentError for Search::network without a file,
  /// and for models that want different margins or crops when the options have none.
  explicit FaceReader(std::span<const model::ModelFile> models, const ReaderOptions& options = {});
  /// Faces are found by `detector`, whichever files the options name. Throws what infer::Ensemble throws, and
  /// ArgumentError for Search::haar, and for models that want different crops when the options have none.
  FaceReader(std::span<const model::ModelFile> models, face::NetworkDetector detector,
             const ReaderOptions& options = {});

  /// The faces of a picture, which `name` stands for in messages. Where it was decoded at a reduced size, boxes
  /// and options are in pixels of the whole one. Throws NoCascadeError when faces are to be looked for but
  /// there is no cascade, unless the picture is taken as a crop; DataError when a network's output is not
  /// finite; what the detectors' detect() and face::crop_face throw.
  Reading read(const image::GrayImage& image, std::string_view name = "picture");
  /// The same of a picture in color: faces are looked for in its luma, which is also what models that take gray
  /// read. Models that take colors read a gray picture as one of three equal planes.
  Reading read(const image::RgbImage& image, std::string_view name = "picture");
  /// The same with `options` for this picture instead of the reader's.
  Reading read(const image::GrayImage& image, std::string_view name, const PictureOptions& options);
  bool takes_color() const { return ensemble_.channels() == 3; }

  /// Why there is no cascade, and what to do; empty as long as none was missed.
  const std::string& no_cascade() const { return no_cascade_; }

 private:
  /// A face, and the part of the picture that the networks are given of it.
  struct Found {
    FacePrediction face;
    std::optional<face::LocatedFace> located = {};  ///< by a network
  };
  /// Null, with the reason in no_cascade_, when there is none.
  const face::CascadeDetector* cascade();
  /// False where there is nothing to find faces with.
  bool find(std::vector<Found>& found, const image::GrayImage& image, std::string_view name,
            const PictureOptions& options);
  /// Whether views reach beyond the crop.
  bool wide() const { return options_.views == image::Views::scales; }
  PictureOptions own_options() const {
    return {
        .fall_back = options_.fall_back, .min_face = options_.detect.min_face, .min_score = options_.min_score};
  }
  Reading read(const image::GrayImage& image, std::span<const image::GrayImage> planes, std::string_view name,
               const PictureOptions& options);
  image::GrayImage crop_of(const image::GrayImage& plane, const Found& found) const;
  /// Fills in what each face, or the crop that the image is, is read as.
  void predict(std::span<const image::GrayImage> planes, std::string_view name, std::span<Found> faces);

  ReaderOptions options_;
  double margin_ = 0;  // around faces of a cascade
  double crop_ = 0;    // of faces of a network
  std::optional<face::NetworkDetector> network_;
  std::optional<face::CascadeDetector> cascade_;
  std::string no_cascade_;
  infer::Ensemble ensemble_;
};

}  // namespace mien::reader
