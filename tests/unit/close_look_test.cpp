// The second network of a detector: one that always says the same of the picture it is shown.
#include <algorithm>
#include <cmath>

#include "mien/core/error.hpp"
#include "mien/face/network_detector.hpp"
#include "mien/image/views.hpp"
#include "mien/model/graph.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/square_detector.hpp"
#include "support/thread_count_guard.hpp"

namespace {

using mien::Index;
using mien::face::LocatedFace;
using mien::face::NetworkDetector;
using mien::image::GrayImage;
using mien::model::FaceGrid;
using mien::model::ModelFile;
using namespace mien::test;

constexpr float kBrightness = 8;  // logits of the score for a picture of white beside one of black

// The box is a tenth larger than a usual face's to the right and so, for its mirror image, to the left; points
// lie as `points` says from its middle on.
ModelFile constant_closer(float logit, const std::array<float, 10>& points = {}) {
  ModelFile model;
  model.name = "closer";
  model.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 as picture | avgpool 15 15 | avgpool 3 3 | conv 1 1 as score"
      " | from picture | avgpool 15 15 | avgpool 3 3 | conv 4 1 as box"
      " | from picture | avgpool 15 15 | avgpool 3 3 | conv 10 1 as points | output score box points");
  model.normalization.scale = 1 / 255.0f;
  model.face_grid = FaceGrid{.stride = 48, .face = 32, .least = 26, .most = 39};
  for (const auto& p : mien::model::parameters_of(mien::model::plan(model.spec))) {
    model.weights.push_back({p.name, mien::Tensor(p.shape)});
  }
  const auto values = [&](std::size_t i) { return model.weights[i].tensor.mutable_data(); };
  values(0)[0] = kBrightness;
  values(1)[0] = logit;
  values(3)[2] = std::log(1.2f);  // right: half of it on either side
  std::copy(points.begin(), points.end(), values(5));
  return model;
}

// Looks at the left half of its picture alone, and says something else of each side and point.
ModelFile uneven_closer() {
  ModelFile model = constant_closer(1);
  model.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 as picture | conv 1 48 valid as score | from picture | conv 4 48 valid as box"
      " | from picture | conv 10 48 valid as points | output score box points");
  model.weights.clear();
  for (const auto& p : mien::model::parameters_of(mien::model::plan(model.spec))) {
    const float size = p.shape.rank() == 1 ? -0.02f : 0.06f;
    mien::Tensor values(p.shape);
    for (Index i = 0; i < values.size(); ++i) {
      const Index output = i / std::max<Index>(p.shape.size() / p.shape[0], 1);
      const float each = size * static_cast<float>(output + 1);
      values.mutable_data()[i] = p.shape.rank() == 1 ? each : i % 48 < 24 ? each / (24 * 48) : 0;
    }
    model.weights.push_back({p.name, values});
  }
  return model;
}

std::vector<LocatedFace> detect(const ModelFile& closer, const GrayImage& picture, double min_score = 0.2) {
  NetworkDetector detector(square_detector(), closer);
  return detector.detect(picture, {.min_face = 0, .max_face = 0, .min_score = min_score});
}

GrayImage two_squares() {
  GrayImage picture = gray_picture(300, 200);
  draw_square(picture, 40, 60, 28);
  draw_square(picture, 150, 40, 56);
  return picture;
}

}  // namespace

TEST_CASE("a close look gives boxes and points anew, at the size of each face") {
  const std::array<float, 10> points = {-0.25f, -0.125f, 0.25f, -0.125f, 0, 0, -0.125f, 0.25f, 0.125f, 0.25f};
  const auto faces = detect(constant_closer(2, points), two_squares());
  REQUIRE(faces.size() == 2);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const double edge = i == 0 ? 56 : 28, x = i == 0 ? 150 : 40, y = i == 0 ? 40 : 60;
    const double near = 0.05 * edge;  // the first network's boxes are estimates
    CHECK(std::abs(faces[i].x - (x - 0.048 * edge)) < near);
    CHECK(std::abs(faces[i].y - y) < near);
    CHECK(std::abs(faces[i].width - 1.1 * edge) < near);
    CHECK(std::abs(faces[i].height - edge) < near);
    CHECK(std::abs(faces[i].points[0].x - (x + 0.25 * edge)) < near);
    CHECK(std::abs(faces[i].points[3].x - (x + 0.375 * edge)) < near);
    CHECK(std::abs(faces[i].points[4].x - (x + 0.625 * edge)) < near);
    CHECK(std::abs(faces[i].points[4].y - (y + 0.75 * edge)) < near);
  }
}

TEST_CASE("a mirrored photo has mirrored faces, whatever the second network makes of left and right") {
  GrayImage picture = two_squares();
  for (Index y = 0; y < 200; ++y) {  // the squares' right halves are darker
    for (const Index square : {1, 2}) {
      const Index begin = square == 1 ? 54 : 178, end = square == 1 ? 68 : 206;
      for (Index i = begin; i < end; ++i) {
        std::uint8_t& pixel = picture.pixels[static_cast<std::size_t>(y * 300 + i)];
        if (pixel == 255) pixel = 200;
      }
    }
  }
  const ModelFile closer = uneven_closer();
  const auto faces = detect(closer, picture), others = detect(closer, mien::image::mirrored(picture));
  REQUIRE(faces.size() == 2);
  REQUIRE(others.size() == 2);
  constexpr std::size_t kCounterparts[] = {1, 0, 2, 4, 3};
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const double near = 0.01 * faces[i].width;
    CHECK(std::abs(300 - faces[i].x - faces[i].width - others[i].x) < near);
    CHECK(std::abs(faces[i].width - others[i].width) < near);
    CHECK(std::abs(faces[i].y - others[i].y) < near);
    CHECK(std::abs(faces[i].height - others[i].height) < near);
    CHECK(faces[i].score == Approx(others[i].score).margin(1e-3));
    for (std::size_t k = 0; k < 5; ++k) {
      const mien::face::Point &here = faces[i].points[k], &there = others[i].points[kCounterparts[k]];
      CHECK(std::abs(300 - here.x - there.x) < near);
      CHECK(std::abs(here.y - there.y) < near);
    }
    CHECK(std::abs(faces[i].points[3].x - faces[i].points[4].x) > near);
  }
}

TEST_CASE("the logit of a score is the mean of both networks'") {
  GrayImage picture = gray_picture(200, 120);
  draw_square(picture, 90, 50, 28);
  NetworkDetector alone(square_detector());
  const auto logit = [](double p) { return std::log(p / (1 - p)); };
  const double first = logit(alone.detect(picture).at(0).score);
  const auto strongest = [&](float bias) {
    double most = 0;
    for (const LocatedFace& face : detect(constant_closer(bias), picture)) most = std::max(most, face.score);
    return logit(most);
  };
  const double low = strongest(-3), high = strongest(-1);
  CHECK(high - low == Approx(1).epsilon(1e-3));
  // What it sees is the square, 28 of its 42 pixels across, on gray.
  const double share = 28.0 * 28 / (42 * 42);
  const double seen = double{kBrightness} * (share + (1 - share) * 128 / 255);
  CHECK(high == Approx((first + seen - 1) / 2).margin(0.5));
}

TEST_CASE("a close look may find that what was found is no face") {
  CHECK(detect(constant_closer(-20), two_squares(), 0.5).empty());
  CHECK(detect(constant_closer(-20), two_squares(), 0).size() == 2);
}

TEST_CASE("a close look sees gray beyond the picture, and does not depend on threads") {
  GrayImage picture = gray_picture(120, 100);
  draw_square(picture, -6, 20, 28);
  draw_square(picture, 70, 60, 56);
  const ModelFile closer = constant_closer(1);
  ThreadCountGuard guard;
  mien::set_thread_count(1);
  const auto one = detect(closer, picture, 0.1);
  mien::set_thread_count(3);
  CHECK(detect(closer, picture, 0.1) == one);
  CHECK(one.size() >= 2);
}

TEST_CASE("networks that do not look at one face, or give nothing finite, are refused") {
  const auto refusal = [](const ModelFile& closer) {
    return error_of<mien::ArgumentError>([&] { NetworkDetector(square_detector(), closer); });
  };
  CHECK(refusal(square_detector()).starts_with("[detect] squares does not look at one face: its input is 64"));
  ModelFile none = constant_closer(0);
  none.face_grid.reset();
  CHECK(refusal(none) == "[detect] closer is not a network that finds faces");
  CHECK(error_of<mien::ArgumentError>([&] { NetworkDetector detector(constant_closer(0)); }) ==
        "[detect] closer knows faces of less than an octave of sizes");
  ModelFile broken = constant_closer(0);
  broken.weights[3].tensor.mutable_data()[1] = std::nanf("");
  CHECK(error_of<mien::DataError>([&] { (void)detect(broken, two_squares()); }) ==
        "the output of the network that finds faces is not finite");
}
