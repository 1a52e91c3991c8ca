#include "train/face_targets.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/face_photos.hpp"

namespace {

using namespace mien::test;
using mien::Index;
using mien::data::CanvasFace;
using mien::data::FaceCanvas;
using mien::data::MarkedFace;
using mien::train::face_targets;

constexpr Index kEdge = 80, kAcross = 10, kCells = kAcross * kAcross;  // by a stride of 8

FaceCanvas canvas(std::uint8_t known, const std::vector<CanvasFace>& faces = {}) {
  const auto pixels = static_cast<std::size_t>(kEdge * kEdge);
  return {kEdge, std::vector<std::uint8_t>(pixels, 128), std::vector<std::uint8_t>(pixels, known), faces};
}

MarkedFace face_at(float x, float y, float edge) {
  return {x - edge / 2, y - edge / 2, x + edge / 2, y + edge / 2, kNoPoints};
}

// What each cell is to say of a face, row by row: x yes, . no, ? nothing.
std::vector<std::string> scores(const FaceCanvas& of, Index image = 0) {
  const std::vector<FaceCanvas> canvases(static_cast<std::size_t>(image + 1), of);
  const mien::Tensor score = face_targets(canvases, {}).score;
  REQUIRE(score.shape() == mien::Shape{image + 1, 1, kAcross, kAcross});
  std::vector<std::string> rows(kAcross);
  for (Index i = 0; i < kCells; ++i) {
    const float value = score.data()[image * kCells + i];
    REQUIRE((value == 1 || value == 0 || value == -1));
    rows[static_cast<std::size_t>(i / kAcross)] += value == 1 ? 'x' : value == 0 ? '.' : '?';
  }
  return rows;
}

std::vector<std::string> rows(std::initializer_list<const char*> first) {
  std::vector<std::string> all(first.begin(), first.end());
  all.resize(kAcross, all.back());
  return all;
}

}  // namespace

TEST_CASE("cells in the middle of a face say so, those around it nothing, those beyond no") {
  // Cells 4 and 5 stand at 36 and 44: a fifth of the edge to either side. The next are three fifths off.
  CHECK(
      scores(canvas(1, {{face_at(40, 40, 20), true}}), 1) ==
      rows({"..........", "..........", "..........", "..........", "....xx....", "....xx....", ".........."}));
  // Of a larger one the next are 0.3 of the edge off: too far for yes, too near for no.
  CHECK(scores(canvas(1, {{face_at(40, 40, 40), true}})) ==
        rows({"..........", "..........", "..........", "...????...", "...?xx?...", "...?xx?...", "...????...",
              ".........."}));
}

TEST_CASE("the nearest cell says face even where it is farther off than others may be") {
  // At 16, 16, between cells: all are 4 pixels off, more than a fifth.
  CHECK(scores(canvas(1, {{face_at(16, 16, 16), true}})) ==
        rows({"..........", ".x?.......", ".??.......", ".........."}));
}

TEST_CASE("of faces that are not clear nothing is asked") {
  CHECK(
      scores(canvas(1, {{face_at(40, 40, 20), false}})) ==
      rows({"..........", "..........", "..........", "..........", "....??....", "....??....", ".........."}));
  // Beside one that is, it stays so but for that one's own cells.
  CHECK(
      scores(canvas(1, {{face_at(40, 40, 20), true}, {face_at(60, 40, 20), false}})) ==
      rows({"..........", "..........", "..........", "..........", "....xx???.", "....xx???.", ".........."}));
}

TEST_CASE("where others may be nothing is asked but of the face that is marked") {
  FaceCanvas part = canvas(0, {{face_at(40, 40, 20), true}});
  CHECK(scores(part) == rows({"??????????", "??????????", "??????????", "??????????", "????xx????",
                              "????xx????", "??????????"}));
  for (Index y = 24; y < 56; ++y) {
    for (Index x = 24; x < 56; ++x) part.known[static_cast<std::size_t>(y * kEdge + x)] = 1;
  }
  CHECK(scores(part) == rows({"??????????", "??????????", "??????????", "???....???", "???.xx.???",
                              "???.xx.???", "???....???", "??????????"}));
}

TEST_CASE("cells with a face say how far its edges and points are") {
  MarkedFace face{28, 27, 48, 49, kNoPoints};
  face.points[0] = {37, 35};
  face.points[2] = {41, 39};
  face.points[3] = {40.5f, 44};
  const std::vector<FaceCanvas> canvases = {canvas(1), canvas(1, {{face, true}})};
  const mien::autograd::FaceTargets targets = face_targets(canvases, {});
  const Index cell = 4 * kAcross + 4;  // at 36, 36
  const auto at = [&](const mien::Tensor& of, Index channel) {
    return of.data()[(of.dim(1) + channel) * kCells + cell];
  };
  CHECK(at(targets.score, 0) == 1);
  const float sides[] = {8, 9, 12, 13};
  for (Index i = 0; i < 4; ++i) CHECK(at(targets.box, i) == sides[i]);
  const float places[] = {1, -1, NAN, NAN, 5, 3, 4.5f, 8, NAN, NAN};
  for (Index i = 0; i < 10; ++i) {
    CAPTURE(i);
    if (std::isnan(places[i])) CHECK(std::isnan(at(targets.points, i)));
    if (!std::isnan(places[i])) CHECK(at(targets.points, i) == places[i]);
  }
  for (Index i = 0; i < 10 * kCells; ++i) REQUIRE(std::isnan(targets.points.data()[i]));
}

TEST_CASE("of two faces that share a cell all of it is about one") {
  MarkedFace first = face_at(36, 36, 20), second = face_at(36, 36, 30);
  first.points.fill({1, 1});
  const std::vector<FaceCanvas> canvases = {canvas(1, {{first, true}, {second, true}})};
  const mien::autograd::FaceTargets targets = face_targets(canvases, {});
  const Index cell = 4 * kAcross + 4;
  CHECK(targets.box.data()[cell] == 15);
  CHECK(std::isnan(targets.points.data()[cell]));
}

TEST_CASE("a grid of one cell says whether the face is in the middle") {
  const mien::model::FaceGrid one{.stride = kEdge, .face = 60, .least = 50, .most = 75};
  const auto score = [&](float x, float edge) {
    const std::vector<FaceCanvas> canvases = {canvas(1, {{face_at(x, 40, edge), true}})};
    const mien::autograd::FaceTargets targets = face_targets(canvases, one);
    REQUIRE(targets.points.shape() == mien::Shape{1, 10, 1, 1});
    return targets.score.data()[0];
  };
  CHECK(score(40, 60) == 1);
  CHECK(score(60, 60) == 1);  // the nearest cell there is
  CHECK(score(70, 60) == 0);
  const std::vector<FaceCanvas> none = {canvas(1)};
  CHECK(face_targets(none, one).score.data()[0] == 0);
}
