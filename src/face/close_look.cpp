#include "face/close_look.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

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

// A square of the photo, gray beyond it.
struct Square {
  Index left, top, side;

  image::GrayImage of(const image::GrayImage& photo) const {
    image::GrayImage part{side, side,
                          std::vector<std::uint8_t>(static_cast<std::size_t>(side * side), kBeyondPicture)};
    const Index first = std::max<Index>(left, 0), last = std::min(left + side, photo.width);
    for (Index y = std::max<Index>(top, 0); y < std::min(top + side, photo.height) && first < last; ++y) {
      std::copy_n(photo.pixels.begin() + y * photo.width + first, last - first,
                  part.pixels.begin() + (y - top) * side + first - left);
    }
    return part;
  }
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
    const image::GrayImage picture = image::resize(squares[static_cast<std::size_t>(i)].of(image), edge, edge);
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
