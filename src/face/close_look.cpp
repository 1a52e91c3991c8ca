#include "face/close_look.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>

#include "face/cut_square.hpp"
#include "face/face_outputs.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/image/resize.hpp"
#include "mien/image/views.hpp"

namespace mien::face::detail {
namespace {

constexpr std::size_t kFacesAtOnce = 8;
constexpr std::size_t kLooks = 2;      // of a face: as it is, and left and right exchanged
constexpr double kMostAround = 3;      // of a face's edge: what it is shown
constexpr double kLeastChance = 1e-6;  // of the first network's, so that it does not decide alone

double logit_of(double chance) {
  const double p = std::clamp(chance, kLeastChance, 1 - kLeastChance);
  return std::log(p / (1 - p));
}

struct Square {
  Index left, top, side;
};

// A point's counterpart, left and right exchanged.
constexpr std::array<std::size_t, model::FaceGrid::kPoints> kCounterparts = {1, 0, 2, 4, 3};

// The mean of what the network says of a face and of its mirror image, whose middle is the cell.
CellOutputs mean_of(const CellOutputs& face, const CellOutputs& mirrored) {
  constexpr std::size_t kLeft = 0, kRight = 2;
  const auto mean = [](float a, float b) { return (a + b) / 2; };
  CellOutputs result{.score = mean(face.score, mirrored.score), .box = {}, .points = {}};
  for (std::size_t side = 0; side < result.box.size(); ++side) {
    const std::size_t other = side == kLeft ? kRight : side == kRight ? kLeft : side;
    result.box[side] = mean(face.box[side], mirrored.box[other]);
  }
  for (std::size_t i = 0; i < kCounterparts.size(); ++i) {
    const std::size_t other = kCounterparts[i];
    result.points[2 * i] = mean(face.points[2 * i], -mirrored.points[2 * other]);
    result.points[2 * i + 1] = mean(face.points[2 * i + 1], mirrored.points[2 * other + 1]);
  }
  return result;
}

// One picture's outputs among those of several.
CellOutputs outputs_of(std::size_t picture, const std::vector<float>& scores, const std::vector<float>& boxes,
                       const std::vector<float>& points) {
  CellOutputs result{.score = scores[picture], .box = {}, .points = {}};
  std::copy_n(boxes.data() + result.box.size() * picture, result.box.size(), result.box.begin());
  std::copy_n(points.data() + result.points.size() * picture, result.points.size(), result.points.begin());
  return result;
}

}  // namespace

CloseLook::CloseLook(const model::ModelFile& model)
    : grid_(grid_of(model)),
      normalization_(model.normalization),
      session_(model, static_cast<Index>(kLooks * kFacesAtOnce)) {
  if (double{grid_.face} * kMostAround < static_cast<double>(grid_.stride)) {
    throw ArgumentError("[detect] " + model.name + " looks at more than three times a face's edge");
  }
  if (model.spec.height == grid_.stride && model.spec.width == grid_.stride) return;
  throw ArgumentError("[detect] " + model.name + " does not look at one face: its input is " +
                      Shape{model.spec.height, model.spec.width}.to_string() + ", its stride " +
                      std::to_string(grid_.stride));
}

void CloseLook::look_at(const image::GrayImage& image, std::span<LocatedFace> faces) {
  for (std::size_t i = 0; i < faces.size(); i += kFacesAtOnce) {
    look_at_some(image, faces.subspan(i, std::min(kFacesAtOnce, faces.size() - i)));
  }
}

void CloseLook::look_at_some(const image::GrayImage& image, std::span<LocatedFace> faces) {
  const Index edge = grid_.stride, pixels = edge * edge;
  std::vector<Square> squares;
  for (const LocatedFace& face : faces) {
    const double wanted = (face.width + face.height) / 2 * static_cast<double>(edge) / double{grid_.face};
    const Index side = std::max<Index>(std::llround(wanted), 1);
    const auto begin = [&](double at, double size) {
      return static_cast<Index>(std::llround(at + (size - static_cast<double>(side)) / 2));
    };
    squares.push_back({begin(face.x, face.width), begin(face.y, face.height), side});
  }
  const std::size_t looks = kLooks * faces.size();
  std::vector<float> pictures(looks * static_cast<std::size_t>(pixels));
  parallel_for(static_cast<Index>(faces.size()), [&](Index i) {
    const Square& s = squares[static_cast<std::size_t>(i)];
    const image::GrayImage part = cut_square(image, s.left, s.top, s.side, image::kMiddleGray);
    const image::GrayImage picture = image::resize(part, edge, edge);
    float* to = pictures.data() + static_cast<Index>(kLooks) * i * pixels;
    image::normalize(to, picture.pixels.data(), pixels, normalization_);
    image::normalize(to + pixels, image::mirrored(picture).pixels.data(), pixels, normalization_);
  });
  std::vector<float> scores(looks), boxes(4 * looks), points(2 * model::FaceGrid::kPoints * looks);
  float* const outputs[] = {scores.data(), boxes.data(), points.data()};
  session_.outputs(outputs, pictures.data(), static_cast<Index>(looks));
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const CellOutputs of_face = mean_of(outputs_of(kLooks * i, scores, boxes, points),
                                        outputs_of(kLooks * i + 1, scores, boxes, points));
    const double middle = static_cast<double>(edge) / 2;
    const double scale = static_cast<double>(squares[i].side) / static_cast<double>(edge);
    const double before = logit_of(faces[i].score);
    faces[i] = on_photo(face_of(of_face, grid_, middle, middle), scale, scale,
                        static_cast<double>(squares[i].left), static_cast<double>(squares[i].top));
    faces[i].score = probability((before + double{of_face.score}) / 2);
  }
}

}  // namespace mien::face::detail
