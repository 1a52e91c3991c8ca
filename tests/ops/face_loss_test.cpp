// The loss of a face detector against its formulas in double precision: its value, and its gradients against
// central finite differences of the formulas.
#include "mien/autograd/face_loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "mien/core/error.hpp"
#include "support/compare.hpp"
#include "support/errors.hpp"
#include "support/thread_count_guard.hpp"

namespace {

using namespace mien::autograd;
using mien::Index;
using mien::Shape;
using mien::Tensor;
using mien::model::FaceGrid;
using mien::test::error_of;
using mien::testing::difference;
using mien::testing::reals;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr Index kImages = 2, kEdge = 2, kCells = kEdge * kEdge;

Shape shape(Index channels) {
  return {kImages, channels, kEdge, kEdge};
}
Tensor tensor(Index channels, const std::vector<float>& values) {
  return Tensor::from(shape(channels), values);
}

// What the network says, as one array: score, box, points.
struct Outputs {
  std::vector<double> values;

  static constexpr std::array<Index, 3> kChannels = {1, 4, 10};
  static std::size_t begin(std::size_t part) {
    return static_cast<std::size_t>(kImages * kCells) * (part == 0 ? 0 : part == 1 ? 1 : 5);
  }
  double at(std::size_t part, Index image, Index channel, Index cell) const {
    const Index place = (image * kChannels[part] + channel) * kCells + cell;
    return values[begin(part) + static_cast<std::size_t>(place)];
  }
  Tensor part(std::size_t part) const {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin(part));
    return tensor(kChannels[part], {first, first + kImages * kCells * kChannels[part]});
  }
};

Outputs some_outputs(unsigned seed = 3) {
  const std::vector<float> values = reals(kImages * kCells * 15, seed);
  return {{values.begin(), values.end()}};
}

// A face in cells 0 and 3 of the first picture, of the latter the middle of the mouth and no left eye; a face
// without points in the second picture's cell 2. Nothing is asked of each picture's cell 1.
FaceTargets some_targets() {
  FaceTargets targets{tensor(1, {1, -1, 0, 1, 0, -1, 1, 0}), Tensor(shape(4)), Tensor(shape(10))};
  const std::vector<float> sides = reals(kImages * 4 * kCells, 5, 4);
  std::transform(sides.begin(), sides.end(), targets.box.mutable_data(), [](float v) { return 12 + v; });
  const std::vector<float> places = reals(kImages * 10 * kCells, 7, 10);
  std::copy(places.begin(), places.end(), targets.points.mutable_data());
  const auto unmark = [&](Index image, Index coordinate, Index cell) {
    targets.points.mutable_data()[(image * 10 + coordinate) * kCells + cell] = kNone;
  };
  for (const Index coordinate : {0, 1, 8, 9}) unmark(0, coordinate, 3);
  for (Index coordinate = 0; coordinate < 10; ++coordinate) unmark(1, coordinate, 2);
  return targets;
}

double target_at(const Tensor& target, Index channels, Index image, Index channel, Index cell) {
  return double{target.data()[(image * channels + channel) * kCells + cell]};
}

double naive_focal(double logit, bool face, const FaceLossOptions& o) {
  const double given = 1 / (1 + std::exp(-logit));
  const double p = face ? given : 1 - given;
  const double alpha = face ? double{o.face_weight} : 1 - double{o.face_weight};
  return -alpha * std::pow(1 - p, double{o.focus}) * std::log(p);
}

// Of two boxes around one place, by their corners.
double naive_box(const std::array<double, 4>& a, const std::array<double, 4>& b) {
  const double width = std::min(a[2], b[2]) - std::max(-a[0], -b[0]);
  const double height = std::min(a[3], b[3]) - std::max(-a[1], -b[1]);
  const auto area = [](const std::array<double, 4>& s) { return (s[0] + s[2]) * (s[1] + s[3]); };
  return -std::log(width * height / (area(a) + area(b) - width * height));
}

double naive_smooth(double error) {
  return std::abs(error) < 0.02 ? error * error / 0.04 : std::abs(error) - 0.01;
}

double naive_loss(const Outputs& y, const FaceTargets& t, const FaceLossOptions& o, double face_edge = 28) {
  double sum = 0;
  int faces = 0;
  for (Index image = 0; image < kImages; ++image) {
    for (Index cell = 0; cell < kCells; ++cell) {
      const double wanted = target_at(t.score, 1, image, 0, cell);
      if (wanted == -1) continue;
      sum += naive_focal(y.at(0, image, 0, cell), wanted == 1, o);
      if (wanted != 1) continue;
      ++faces;
      std::array<double, 4> box, goal;
      for (std::size_t i = 0; i < 4; ++i) {
        box[i] = face_edge / 2 * std::exp(y.at(1, image, static_cast<Index>(i), cell));
        goal[i] = target_at(t.box, 4, image, static_cast<Index>(i), cell);
      }
      sum += double{o.box_weight} * naive_box(box, goal);
      const double edge = (goal[0] + goal[1] + goal[2] + goal[3]) / 2;
      double of_points = 0;
      int marked = 0;
      for (Index i = 0; i < 10; ++i) {
        const double place = target_at(t.points, 10, image, i, cell);
        if (std::isnan(place)) continue;
        double said = y.at(2, image, i, cell);
        const bool mouth = i == 6 || i == 7;
        if (mouth && std::isnan(target_at(t.points, 10, image, i + 2, cell))) {
          said = (said + y.at(2, image, i + 2, cell)) / 2;
        }
        of_points += naive_smooth((face_edge * said - place) / edge);
        ++marked;
      }
      if (marked > 0) sum += double{o.point_weight} * of_points / marked;
    }
  }
  return sum / std::max(faces, 1);
}

struct Result {
  float value;
  std::vector<float> gradients;  // in the order of Outputs
};

Result loss_of(const Outputs& outputs, const FaceTargets& targets, const FaceLossOptions& options = {},
               const FaceGrid& grid = {}) {
  Tape tape;
  const std::array<Variable, 3> y = {tape.input(outputs.part(0)), tape.input(outputs.part(1)),
                                     tape.input(outputs.part(2))};
  const Variable loss = face_loss(y[0], y[1], y[2], targets, grid, options);
  REQUIRE(loss.shape() == Shape{});
  tape.backward(loss);
  Result result{loss.value().data()[0], {}};
  for (const Variable& part : y) {
    const Tensor gradient = tape.gradient(part).materialize();
    result.gradients.insert(result.gradients.end(), gradient.values().begin(), gradient.values().end());
  }
  return result;
}

template <typename Function>
std::vector<double> slopes(const Outputs& outputs, const Function& function) {
  constexpr double kStep = 1e-6;
  std::vector<double> result;
  for (std::size_t i = 0; i < outputs.values.size(); ++i) {
    Outputs moved = outputs;
    moved.values[i] += kStep;
    const double above = function(moved);
    moved.values[i] -= 2 * kStep;
    result.push_back((above - function(moved)) / (2 * kStep));
  }
  return result;
}

bool all_finite(const Result& result) {
  return std::isfinite(result.value) && std::all_of(result.gradients.begin(), result.gradients.end(),
                                                    [](float v) { return std::isfinite(v); });
}

}  // namespace

TEST_CASE("the loss of faces and its gradients are those of its formulas") {
  const FaceTargets targets = some_targets();
  for (const FaceLossOptions& options :
       {FaceLossOptions{},
        FaceLossOptions{.focus = 0, .face_weight = 0.25f, .box_weight = 3, .point_weight = 0},
        FaceLossOptions{.focus = 1.5f, .face_weight = 0.75f, .box_weight = 0, .point_weight = 1}}) {
    for (const unsigned seed : {3, 4}) {
      const Outputs outputs = some_outputs(seed);
      const Result result = loss_of(outputs, targets, options);
      const auto formula = [&](const Outputs& y) { return naive_loss(y, targets, options); };
      CHECK(double{result.value} == Approx(formula(outputs)).epsilon(1e-6));
      CHECK(difference(result.gradients, slopes(outputs, formula), {2e-6, 1e-4}) == "");
    }
  }
}

TEST_CASE("points that are nearly right cost their squares, and the grid says what they are relative to") {
  FaceTargets targets = some_targets();
  const Outputs outputs = some_outputs();
  for (Index image = 0; image < kImages; ++image) {
    for (Index i = 0; i < 10; ++i) {
      for (Index cell = 0; cell < kCells; ++cell) {
        float& place = targets.points.mutable_data()[(image * 10 + i) * kCells + cell];
        if (!std::isnan(place)) place = 36 * static_cast<float>(outputs.at(2, image, i, cell)) + 0.2f;
      }
    }
  }
  FaceGrid grid;
  grid.face = 36;
  const auto formula = [&](const Outputs& y) { return naive_loss(y, targets, {}, 36); };
  const Result result = loss_of(outputs, targets, {}, grid);
  CHECK(double{result.value} == Approx(formula(outputs)).epsilon(1e-6));
  CHECK(difference(result.gradients, slopes(outputs, formula), {2e-5, 1e-3}) == "");
}

TEST_CASE("nothing comes from cells that are not asked and points that are not marked") {
  const FaceTargets targets = some_targets();
  const Outputs outputs = some_outputs();
  const Result result = loss_of(outputs, targets);
  Outputs changed = outputs;
  std::vector<float> expected;  // 1 where a gradient is to be expected
  for (std::size_t part = 0; part < 3; ++part) {
    for (Index image = 0; image < kImages; ++image) {
      for (Index i = 0; i < Outputs::kChannels[part]; ++i) {
        for (Index cell = 0; cell < kCells; ++cell) {
          const double wanted = target_at(targets.score, 1, image, 0, cell);
          bool counts = part == 0 ? wanted >= 0 : wanted == 1;
          if (part == 2 && counts) {
            const double place = target_at(targets.points, 10, image, i, cell);
            // Both corners of the mouth answer for its middle.
            const bool of_middle = i >= 8 && !std::isnan(target_at(targets.points, 10, image, i - 2, cell));
            counts = !std::isnan(place) || of_middle;
          }
          expected.push_back(counts ? 1.0f : 0.0f);
          if (!counts) changed.values[expected.size() - 1] += 0.7;
        }
      }
    }
  }
  std::vector<float> present;
  for (const float gradient : result.gradients) present.push_back(gradient != 0 ? 1.0f : 0.0f);
  CHECK(difference(present, expected) == "");
  const Result again = loss_of(changed, targets);
  CHECK(again.value == result.value);
  CHECK(again.gradients == result.gradients);
}

TEST_CASE("without any face the loss is the sum over the cells that are asked") {
  FaceTargets targets = some_targets();
  targets.score = tensor(1, {0, -1, 0, 0, 0, -1, -1, -1});
  const Outputs outputs = some_outputs();
  double expected = 0;
  for (const Index cell : {0, 2, 3}) expected += naive_focal(outputs.at(0, 0, 0, cell), false, {});
  expected += naive_focal(outputs.at(0, 1, 0, 0), false, {});
  CHECK(double{loss_of(outputs, targets).value} == Approx(expected));

  targets.score = tensor(1, std::vector<float>(8, -1));
  const Result nothing = loss_of(outputs, targets);
  CHECK(nothing.value == 0);
  CHECK(std::all_of(nothing.gradients.begin(), nothing.gradients.end(), [](float v) { return v == 0; }));
}

TEST_CASE("a network that is far off gets a finite loss and a way back") {
  const FaceTargets targets = some_targets();
  for (const double far : {1e4, -1e4}) {
    for (std::size_t part = 0; part < 3; ++part) {
      Outputs outputs = some_outputs();
      const auto first = static_cast<std::ptrdiff_t>(Outputs::begin(part));
      const auto count = kImages * kCells * Outputs::kChannels[part];
      std::fill_n(outputs.values.begin() + first, count, far);
      const Result result = loss_of(outputs, targets);
      INFO("part " << part << ", " << far);
      CHECK(all_finite(result));
      CHECK(result.value > 10);
      if (part == 1 && far > 0) continue;  // a box that large gets none
      // Cell 0 has a face: the score and the box have to grow, the nose to come nearer.
      const float slope = result.gradients[Outputs::begin(part) + (part == 2 ? std::size_t{4 * kCells} : 0)];
      if (part == 0) CHECK((far > 0 ? slope == 0 : slope < 0));
      if (part == 1) CHECK(slope < 0);
      if (part == 2) CHECK((far > 0 ? slope > 0 : slope < 0));
    }
  }
}

TEST_CASE("the loss of faces is the same for any number of threads") {
  const mien::test::ThreadCountGuard guard;
  std::vector<Result> results;
  for (const int threads : {1, 2, 4}) {
    mien::set_thread_count(threads);
    results.push_back(loss_of(some_outputs(), some_targets()));
    CHECK(results.back().value == results.front().value);
    CHECK(results.back().gradients == results.front().gradients);
  }
}

TEST_CASE("outputs and targets of other shapes are refused") {
  const FaceTargets good = some_targets();
  const auto refusal = [&](const Shape& score, const Shape& box, const Shape& points,
                           const FaceTargets& targets) {
    return error_of<mien::ArgumentError>([&] {
      Tape tape;
      face_loss(tape.input(Tensor(score)), tape.input(Tensor(box)), tape.input(Tensor(points)), targets, {});
    });
  };
  CHECK(refusal(shape(1), shape(4), shape(10), good) == "no error");
  CHECK(refusal(shape(2), shape(4), shape(10), good) == "[face_loss] score is 2x2x2x2, expected [N][1][h][w]");
  CHECK(refusal({8}, shape(4), shape(10), good) == "[face_loss] score is 8, expected [N][1][h][w]");
  CHECK(refusal(shape(1), shape(5), shape(10), good) == "[face_loss] box is 2x5x2x2, expected 2x4x2x2");
  CHECK(refusal(shape(1), shape(4), {2, 10, 2, 3}, good) ==
        "[face_loss] points is 2x10x2x3, expected 2x10x2x2");
  for (const int which : {0, 1, 2}) {
    FaceTargets targets = good;
    (which == 0 ? targets.score : which == 1 ? targets.box : targets.points) = Tensor({2, 1, 2, 3});
    const char* names[] = {"the scores' target", "the boxes' target", "the points' target"};
    CHECK(refusal(shape(1), shape(4), shape(10), targets)
              .starts_with(std::string("[face_loss] ") + names[which] + " is 2x1x2x3, expected "));
  }
}
