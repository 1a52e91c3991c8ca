#include "face/close_look.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "face/cut_square.hpp"
#include "face/face_outputs.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/image/resize.hpp"

namespace mien::face::detail {
namespace {

constexpr std::size_t kFacesAtOnce = 8;
constexpr double kMostAround = 3;      // of a face's edge: what it is shown
constexpr double kLeastChance = 1e-6;  // of the first network's, so that it does not decide alone

double logit_of(double chance) {
  const double p = std::clamp(chance, kLeastChance, 1 - kLeastChance);
  return std::log(p / (1 - p));
}

struct Square {
  Index left, top, side;
};

}  // namespace

CloseLook::CloseLook(const model::ModelFile& model)
    : grid_(grid_of(model)),
      normalization_(model.normalization),
      session_(model, static_cast<Index>(kFacesAtOnce)) {
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
      return std::llround(at + (size - static_cast<double>(side)) / 2);
    };
    squares.push_back({begin(face.x, face.width), begin(face.y, face.height), side});
  }
  std::vector<float> pictures(faces.size() * static_cast<std::size_t>(pixels));
  parallel_for(static_cast<Index>(faces.size()), [&](Index i) {
    const Square& s = squares[static_cast<std::size_t>(i)];
    const image::GrayImage part = cut_square(image, s.left, s.top, s.side, image::kMiddleGray);
    const image::GrayImage picture = image::resize(part, edge, edge);
    image::normalize(pictures.data() + i * pixels, picture.pixels.data(), pixels, normalization_);
  });
  std::vector<float> scores(faces.size()), boxes(4 * faces.size()),
      points(2 * model::FaceGrid::kPoints * faces.size());
  float* const outputs[] = {scores.data(), boxes.data(), points.data()};
  session_.outputs(outputs, pictures.data(), static_cast<Index>(faces.size()));
  for (std::size_t i = 0; i < faces.size(); ++i) {
    CellOutputs of_face{.score = scores[i], .box = {}, .points = {}};
    std::copy_n(boxes.begin() + static_cast<std::ptrdiff_t>(of_face.box.size() * i), of_face.box.size(),
                of_face.box.begin());
    std::copy_n(points.begin() + static_cast<std::ptrdiff_t>(of_face.points.size() * i), of_face.points.size(),
                of_face.points.begin());
    const double middle = static_cast<double>(edge) / 2;
    const double scale = static_cast<double>(squares[i].side) / static_cast<double>(edge);
    const double before = logit_of(faces[i].score);
    faces[i] = on_photo(face_of(of_face, grid_, middle, middle), scale, scale,
                        static_cast<double>(squares[i].left), static_cast<double>(squares[i].top));
    faces[i].score = probability((before + double{of_face.score}) / 2);
  }
}

}  // namespace mien::face::detail
