#include "mien/face/network_detector.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <tuple>

#include "core/checks.hpp"
#include "core/stable_sort.hpp"
#include "face/candidates.hpp"
#include "face/close_look.hpp"
#include "face/face_outputs.hpp"
#include "face/limits.hpp"
#include "face/pyramid_search.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/image/preprocess.hpp"
#include "mien/model/graph.hpp"

namespace mien::face {
namespace {

constexpr const char* kDetect = "detect";
constexpr Index kMostReach = 1024, kMostPeriod = 256;
constexpr double kSizeTolerance = 0.8;  // sizes are estimates: how much less than min_face is found
constexpr double kMostAspect = 2;       // of a box's longer edge to the shorter one
constexpr double kLeastSeen = 0.25;     // the part of a face's box that lies on the picture
constexpr double kWorthALook = 0.3;     // a first score, whatever the last one has to be

// Each picture of a pyramid is half as large as the one before it, and no size may be left out between them.
model::FaceGrid sliding_grid(const model::ModelFile& model) {
  const model::FaceGrid grid = detail::grid_of(model);
  if (grid.most < 2 * grid.least) {
    throw ArgumentError("[detect] " + model.name + " knows faces of less than an octave of sizes");
  }
  return grid;
}

model::Reach checked_reach(const model::ModelFile& model, const model::FaceGrid& grid) {
  const model::Reach reach = model::reach_of(model::plan(model.spec));
  if (reach.before > kMostReach || reach.after > kMostReach || reach.period > kMostPeriod ||
      reach.period % grid.stride != 0) {
    throw ArgumentError("[detect] " + model.name + " looks at " + std::to_string(reach.before) + " and " +
                        std::to_string(reach.after) + " pixels around a place and moves by " +
                        std::to_string(reach.period) + "; expected up to 1024, and multiples of " +
                        std::to_string(grid.stride) + " up to 256");
  }
  return reach;
}

double threshold_of(const NetworkDetectOptions& options, const model::FaceGrid& grid) {
  const double score = options.min_score.value_or(double{grid.min_score});
  mien::detail::check_range(kDetect, "min_score", score, 1);
  return score;
}

bool is_wanted(const LocatedFace& face, const image::GrayImage& image, const NetworkDetectOptions& options) {
  const double edge = std::sqrt(face.width * face.height);
  if (edge < kSizeTolerance * static_cast<double>(options.min_face)) return false;
  if (std::max(face.width, face.height) > kMostAspect * std::min(face.width, face.height)) return false;
  if (std::max(face.width, face.height) > static_cast<double>(detail::kMaxEdge)) return false;
  if (options.max_face > 0 && edge * kSizeTolerance > static_cast<double>(options.max_face)) return false;
  const auto seen = [](double begin, double size, Index length) {
    return std::max(0.0, std::min(begin + size, static_cast<double>(length)) - std::max(begin, 0.0));
  };
  return seen(face.x, face.width, image.width) * seen(face.y, face.height, image.height) >=
         kLeastSeen * face.width * face.height;
}

// What a network is given for each gray level.
std::array<float, 256> values_of(const image::Normalization& normalization) {
  std::array<std::uint8_t, 256> levels;
  std::iota(levels.begin(), levels.end(), std::uint8_t{0});
  std::array<float, 256> values;
  image::normalize(values.data(), levels.data(), static_cast<Index>(levels.size()), normalization);
  return values;
}

// What a network refuses is no mistake of who asks, but the file's.
std::vector<detail::Candidate> candidates_of(detail::PyramidSearch& search, const image::GrayImage& image,
                                             const detail::PyramidOptions& options) {
  try {
    return search.candidates(image, options);
  } catch (const ArgumentError& error) {
    throw DataError("the network that finds faces does not take this picture: " + std::string(error.what()));
  }
}

}  // namespace

NetworkDetector::NetworkDetector(const model::ModelFile& finder) : grid_(sliding_grid(finder)) {
  const model::Reach reach = checked_reach(finder, grid_);
  infer::Session session(finder);
  search_ = std::make_unique<detail::PyramidSearch>(grid_, reach, values_of(finder.normalization),
                                                    std::move(session));
}

NetworkDetector::NetworkDetector(const model::ModelFile& finder, const model::ModelFile& closer)
    : NetworkDetector(finder) {
  look_closely(closer);
}

void NetworkDetector::look_closely(const model::ModelFile& closer) {
  close_look_ = std::make_unique<detail::CloseLook>(closer);
}

NetworkDetector::NetworkDetector(NetworkDetector&& other) noexcept = default;
NetworkDetector& NetworkDetector::operator=(NetworkDetector&& other) noexcept = default;
NetworkDetector::~NetworkDetector() = default;

double NetworkDetector::min_score() const {
  return shortest_decimal(grid_.min_score);
}

std::vector<LocatedFace> NetworkDetector::detect(const image::GrayImage& image,
                                                 const NetworkDetectOptions& options) {
  detail::check_search(image, options.min_face, options.max_face);
  const double threshold = threshold_of(options, grid_);
  if (image.pixels.empty()) return {};
  const detail::PyramidOptions wanted{
      .min_face = options.min_face,
      .max_face = options.max_face,
      // A close look may find what looked less like a face at first to be one.
      .min_score = close_look_ ? kWorthALook : threshold,
  };
  std::vector<LocatedFace> faces = detail::merge(candidates_of(*search_, image, wanted));
  std::erase_if(faces, [&](const LocatedFace& face) { return !is_wanted(face, image, options); });
  if (close_look_) {
    close_look_->look_at(image, faces);
    std::erase_if(faces, [&](const LocatedFace& face) {
      return face.score < threshold || !is_wanted(face, image, options);
    });
  }
  // What is alike in all of these keeps the order of scores.
  mien::detail::stable_sort(faces, [](const LocatedFace& a, const LocatedFace& b) {
    return std::tuple(-a.width * a.height, a.y, a.x) < std::tuple(-b.width * b.height, b.y, b.x);
  });
  return faces;
}

}  // namespace mien::face
