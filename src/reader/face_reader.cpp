#include "mien/reader/face_reader.hpp"

#include <algorithm>

#include "mien/core/error.hpp"
#include "mien/core/stopwatch.hpp"
#include "mien/core/text.hpp"
#include "mien/face/crop.hpp"

namespace mien::reader {
namespace {

constexpr std::size_t kFacesAtOnce = 4;

double margin_of(std::span<const model::ModelFile> models, const ReaderOptions& options) {
  if (options.margin) return *options.margin;
  if (models.empty()) return 0;  // which the ensemble refuses
  const float margin = models[0].face_margin;
  if (options.search == Search::none) return double{margin};  // no face is cut out
  for (const model::ModelFile& model : models) {
    if (model.face_margin == margin) continue;
    throw ArgumentError("[reader] " + models[0].name + " and " + model.name +
                        " want different margins around a face, " + format_number(shortest_decimal(margin)) +
                        " and " + format_number(shortest_decimal(model.face_margin)) + "; choose one");
  }
  return shortest_decimal(margin);
}

bool is_crop(const image::GrayImage& image, Search search) {
  if (search != Search::automatic) return search == Search::none;
  return std::max(image.width, image.height) <= kLargestCrop;
}

/// From pixels of a reduced image to those of the whole one.
void enlarge(FacePrediction& face, const image::Reduction& reduction) {
  face.x *= reduction.by;
  face.y *= reduction.by;
  face.width = std::min(face.width * reduction.by, reduction.width - face.x);
  face.height = std::min(face.height * reduction.by, reduction.height - face.y);
}

}  // namespace

Index default_min_face(Index width, Index height) {
  return std::clamp<Index>(std::max(width, height) / 40, 24, 48);
}

bool may_be_crop(Index width, Index height) {
  constexpr Index kSmall = 128, kLargestSquare = 400;
  const Index shorter = std::min(width, height), longer = std::max(width, height);
  return (longer <= kSmall && 2 * shorter >= longer) || (longer <= kLargestSquare && 5 * shorter >= 4 * longer);
}

FaceReader::FaceReader(std::span<const model::ModelFile> models, const ReaderOptions& options)
    : options_(options),
      margin_(margin_of(models, options)),
      ensemble_(models, options.views, Index{kFacesAtOnce}) {
  if (!options.cascade.empty()) detector_ = face::CascadeDetector::load(options.cascade);
  if (options.search == Search::haar && detector() == nullptr) throw NoCascadeError(no_cascade_);
}

const face::CascadeDetector* FaceReader::detector() {
  if (!detector_ && no_cascade_.empty()) {
    constexpr const char* kNone = "no cascade to find faces with: ";
    constexpr const char* kAdvice = "apt-get install opencv-data, or name a file with MIEN_CASCADE";
    try {
      const auto path = face::find_default_cascade();
      if (!path) throw DataError(kAdvice);
      detector_ = face::CascadeDetector::load(*path);
    } catch (const DataError& error) {
      no_cascade_ = std::string(kNone) + error.what();
    }
  }
  return detector_ ? &*detector_ : nullptr;
}

std::vector<FacePrediction> FaceReader::find(const face::CascadeDetector& finder,
                                             const image::GrayImage& image) const {
  face::DetectOptions detect = options_.detect;
  detect.min_face = detect.min_face == 0 ? default_min_face(image.width, image.height)
                                         : std::max<Index>(detect.min_face / image.reduction.by, 1);
  std::vector<FacePrediction> faces;
  for (const face::Face& face : finder.detect(image, detect)) {
    faces.push_back({face.x, face.y, face.width, face.height, face.score, {}});
  }
  return faces;
}

Reading FaceReader::read(const image::GrayImage& image, std::string_view name) {
  const image::Reduction& reduction = image.reduction;
  Reading result;
  result.width = reduction.by > 1 ? reduction.width : image.width;
  result.height = reduction.by > 1 ? reduction.height : image.height;
  result.searched = !is_crop(image, options_.search);
  // Read once, and not a part of any image's time.
  const face::CascadeDetector* finder = result.searched ? detector() : nullptr;
  Stopwatch watch;
  if (finder != nullptr) {
    result.faces = find(*finder, image);
    result.detect_ms = watch.lap_ms();
  }
  if (result.searched && result.faces.empty()) {
    if (options_.fall_back && options_.search == Search::automatic && may_be_crop(image.width, image.height)) {
      result.searched = false;
      result.fallback = finder == nullptr ? Fallback::no_cascade : Fallback::no_face_found;
    } else if (finder == nullptr) {
      throw NoCascadeError(std::string(name) + ": " + no_cascade_);
    }
  }
  if (!result.searched) result.faces.push_back({0, 0, image.width, image.height, std::nullopt, {}});
  for (std::size_t i = 0; i < result.faces.size(); i += kFacesAtOnce) {
    const std::size_t count = std::min(kFacesAtOnce, result.faces.size() - i);
    predict(image, name, std::span(result.faces).subspan(i, count));
  }
  result.infer_ms = watch.lap_ms();
  if (reduction.by > 1) {
    for (FacePrediction& face : result.faces) enlarge(face, reduction);
  }
  return result;
}

void FaceReader::predict(const image::GrayImage& image, std::string_view name,
                         std::span<FacePrediction> faces) {
  std::vector<image::GrayImage> crops;
  for (const FacePrediction& face : faces) {
    const face::Face box{face.x, face.y, face.width, face.height, 0};
    crops.push_back(face.score ? face::crop_face(image, box, margin_) : image);
  }
  const auto classes = static_cast<std::size_t>(ensemble_.class_count());
  std::vector<float> probabilities(crops.size() * classes);
  ensemble_.predict(probabilities.data(), crops);
  infer::check_finite(name, probabilities);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(i * classes);
    faces[i].probabilities.assign(row, row + static_cast<std::ptrdiff_t>(classes));
  }
}

}  // namespace mien::reader
