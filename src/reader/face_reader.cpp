#include "mien/reader/face_reader.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/stopwatch.hpp"
#include "mien/core/text.hpp"
#include "mien/face/crop.hpp"
#include "mien/image/luma.hpp"

namespace mien::reader {
namespace {

constexpr std::size_t kFacesAtOnce = 4;

// What the models say of how faces are cut out, `number` of each, unless the options do.
double agreed(std::span<const model::ModelFile> models, const std::optional<double>& option,
              float model::ModelFile::*number, const char* what) {
  if (option) return *option;
  if (models.empty()) return 0;  // which the ensemble refuses
  const float first = models[0].*number;
  for (const model::ModelFile& model : models) {
    if (model.*number == first) continue;
    throw ArgumentError("[reader] " + models[0].name + " and " + model.name + " want different " + what +
                        " around a face, " + format_number(shortest_decimal(first)) + " and " +
                        format_number(shortest_decimal(model.*number)) + "; choose one");
  }
  return shortest_decimal(first);
}

// Calls use(model); what it refuses is wrong with the file.
template <typename Use>
auto with_face_model(const model::SafetensorsFile& file, const model::ModelLimits& limits, Use use) {
  const model::ModelFile model = model::read_model(file, limits);
  if (!model.face_grid) throw DataError(file.path().string() + ": not a network that finds faces");
  try {
    return use(model);
  } catch (const ArgumentError& error) {
    throw DataError(file.path().string() + ": " + error.what());
  }
}

FacePrediction prediction_of(const face::LocatedFace& face, const image::GrayImage& image) {
  const auto end = [](double at, Index length) { return std::clamp<Index>(std::llround(at), 1, length); };
  const auto begin = [](double at, Index before) { return std::clamp<Index>(std::llround(at), 0, before - 1); };
  const Index right = end(face.x + face.width, image.width), bottom = end(face.y + face.height, image.height);
  const Index left = begin(face.x, right), top = begin(face.y, bottom);
  return {.x = left,
          .y = top,
          .width = right - left,
          .height = bottom - top,
          .score = face.score,
          .probabilities = {},
          .points = face.points,
          .pose = face::pose_of(face.points)};
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
  if (!face.points) return;
  for (face::Point& point : *face.points) {
    point.x *= static_cast<double>(reduction.by);
    point.y *= static_cast<double>(reduction.by);
  }
}

}  // namespace

Index default_min_face(Index width, Index height, bool by_network) {
  return std::clamp<Index>(std::max(width, height) / 40, by_network ? 20 : 24, 48);
}

bool may_be_crop(Index width, Index height) {
  constexpr Index kSmall = 128, kLargestSquare = 400;
  const Index shorter = std::min(width, height), longer = std::max(width, height);
  return (longer <= kSmall && 2 * shorter >= longer) || (longer <= kLargestSquare && 5 * shorter >= 4 * longer);
}

face::NetworkDetector read_networks(const model::SafetensorsFile& finder, const model::SafetensorsFile* closer,
                                    const model::ModelLimits& limits) {
  using model::ModelFile;
  face::NetworkDetector detector =
      with_face_model(finder, limits, [](const ModelFile& model) { return face::NetworkDetector(model); });
  if (closer != nullptr)
    with_face_model(*closer, limits, [&](const ModelFile& model) { detector.look_closely(model); });
  return detector;
}

face::NetworkDetector read_networks(const ReaderOptions& options) {
  using model::SafetensorsFile;
  const SafetensorsFile finder = SafetensorsFile::open(options.face_model);
  if (options.point_model.empty()) return read_networks(finder, nullptr, options.limits);
  const SafetensorsFile closer = SafetensorsFile::open(options.point_model);
  return read_networks(finder, &closer, options.limits);
}

FaceReader::FaceReader(std::span<const model::ModelFile> models, const ReaderOptions& options)
    : options_(options), ensemble_(models, options.views, Index{kFacesAtOnce}) {
  if (options.search == Search::automatic && models[0].whole_pictures) options_.search = Search::none;
  if (options_.search == Search::none) return;
  const bool automatic = options.search == Search::automatic;
  if (options.search == Search::network || (automatic && !options.face_model.empty())) {
    if (options.face_model.empty()) throw ArgumentError("[reader] no file of a network that finds faces");
    crop_ = agreed(models, options.crop, &model::ModelFile::face_crop, "crops");
    network_ = read_networks(options);
    return;
  }
  margin_ = agreed(models, options.margin, &model::ModelFile::face_margin, "margins");
  if (!options.cascade.empty()) cascade_ = face::CascadeDetector::load(options.cascade);
  if (options.search == Search::haar && cascade() == nullptr) throw NoCascadeError(no_cascade_);
}

FaceReader::FaceReader(std::span<const model::ModelFile> models, face::NetworkDetector detector,
                       const ReaderOptions& options)
    : options_(options),
      crop_(agreed(models, options.crop, &model::ModelFile::face_crop, "crops")),
      network_(std::move(detector)),
      ensemble_(models, options.views, Index{kFacesAtOnce}) {
  if (options.search == Search::haar)
    throw ArgumentError("[reader] a cascade is to look for faces, given a network");
  if (options.search == Search::automatic && models[0].whole_pictures) options_.search = Search::none;
}

const face::CascadeDetector* FaceReader::cascade() {
  if (!cascade_ && no_cascade_.empty()) {
    constexpr const char* kNone = "no cascade to find faces with: ";
    constexpr const char* kAdvice = "apt-get install opencv-data, or name a file with MIEN_CASCADE";
    try {
      const auto path = face::find_default_cascade();
      if (!path) throw DataError(kAdvice);
      cascade_ = face::CascadeDetector::load(*path);
    } catch (const DataError& error) {
      no_cascade_ = std::string(kNone) + error.what();
    }
  }
  return cascade_ ? &*cascade_ : nullptr;
}

bool FaceReader::find(std::vector<Found>& found, const image::GrayImage& image, std::string_view name,
                      const PictureOptions& options) {
  const face::CascadeDetector* finder = network_ ? nullptr : cascade();
  if (!network_ && finder == nullptr) return false;
  face::DetectOptions detect = options_.detect;
  detect.min_face = options.min_face == 0 ? default_min_face(image.width, image.height, network_.has_value())
                                          : std::max<Index>(options.min_face / image.reduction.by, 1);
  if (finder != nullptr) {
    for (const face::Face& face : finder->detect(image, detect)) {
      found.push_back({{face.x, face.y, face.width, face.height, face.score, {}}});
    }
    return true;
  }
  const face::NetworkDetectOptions search{
      .min_face = detect.min_face,
      .max_face = detect.max_face == 0 ? 0 : std::max<Index>(detect.max_face / image.reduction.by, 1),
      .min_score = options.min_score};
  try {
    for (const face::LocatedFace& face : network_->detect(image, search)) {
      found.push_back({prediction_of(face, image), face});
    }
  } catch (const DataError& error) {
    throw DataError(std::string(name) + ": " + error.what());
  }
  return true;
}

Reading FaceReader::read(const image::GrayImage& image, std::string_view name) {
  return read(image, name, own_options());
}

Reading FaceReader::read(const image::GrayImage& image, std::string_view name, const PictureOptions& options) {
  if (!takes_color()) return read(image, {&image, 1}, name, options);
  return read(image, std::vector<image::GrayImage>(3, image), name, options);
}

Reading FaceReader::read(const image::RgbImage& image, std::string_view name) {
  const image::GrayImage gray = image::gray_of(image);
  if (!takes_color()) return read(gray, {&gray, 1}, name, own_options());
  return read(gray, image::planes_of(image), name, own_options());
}

Reading FaceReader::read(const image::GrayImage& image, std::span<const image::GrayImage> planes,
                         std::string_view name, const PictureOptions& options) {
  const image::Reduction& reduction = image.reduction;
  Reading result;
  result.width = reduction.by > 1 ? reduction.width : image.width;
  result.height = reduction.by > 1 ? reduction.height : image.height;
  result.searched = !is_crop(image, options_.search);
  result.by_network = result.searched && network_.has_value();
  if (result.searched && !network_) cascade();  // read once, and not a part of any image's time
  std::vector<Found> found;
  Stopwatch watch;
  const bool looked = result.searched && find(found, image, name, options);
  if (looked) result.detect_ms = watch.lap_ms();
  if (result.searched && found.empty()) {
    if (options.fall_back && options_.search == Search::automatic && may_be_crop(image.width, image.height)) {
      result.searched = false;
      result.by_network = false;
      result.fallback = looked ? Fallback::no_face_found : Fallback::no_cascade;
    } else if (!looked) {
      throw NoCascadeError(std::string(name) + ": " + no_cascade_);
    }
  }
  if (!result.searched) found.push_back({{0, 0, image.width, image.height, std::nullopt, {}}});
  for (std::size_t i = 0; i < found.size(); i += kFacesAtOnce) {
    predict(planes, name, std::span(found).subspan(i, std::min(kFacesAtOnce, found.size() - i)));
  }
  result.infer_ms = watch.lap_ms();
  for (Found& face : found) {
    if (reduction.by > 1) enlarge(face.face, reduction);
    result.faces.push_back(std::move(face.face));
  }
  return result;
}

image::GrayImage FaceReader::crop_of(const image::GrayImage& plane, const Found& found) const {
  const FacePrediction& face = found.face;
  const double wider = wide() ? image::kWidestView : 1;
  if (found.located) return face::crop_face(plane, *found.located, crop_, wider);
  if (!face.score) return wide() ? image::widened(plane) : plane;
  return face::crop_face(plane, face::Face{face.x, face.y, face.width, face.height, 0}, margin_, wider);
}

void FaceReader::predict(std::span<const image::GrayImage> planes, std::string_view name,
                         std::span<Found> faces) {
  std::vector<image::GrayImage> crops;
  try {
    for (const Found& found : faces) {
      for (const image::GrayImage& plane : planes) crops.push_back(crop_of(plane, found));
    }
  } catch (const ArgumentError& error) {  // a network may say that a face is anywhere
    throw DataError(std::string(name) + ": " + error.what());
  }
  const auto classes = static_cast<std::size_t>(ensemble_.class_count());
  std::vector<float> probabilities(faces.size() * classes);
  ensemble_.predict(probabilities.data(), crops, wide());
  infer::check_finite(name, probabilities);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(i * classes);
    faces[i].face.probabilities.assign(row, row + static_cast<std::ptrdiff_t>(classes));
  }
}

}  // namespace mien::reader
