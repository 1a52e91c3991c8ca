#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "face/group.hpp"
#include "face/integrals.hpp"
#include "face/levels.hpp"
#include "face/shrink.hpp"
#include "support/catch.hpp"

namespace {

using namespace mien::face;
using namespace mien::face::detail;
using mien::Index;
using mien::image::GrayImage;

GrayImage noise(Index width, Index height, unsigned seed) {
  GrayImage image{width, height, {}};
  std::mt19937 generator(seed);
  for (Index i = 0; i < width * height; ++i)
    image.pixels.push_back(static_cast<std::uint8_t>(generator() % 256));
  return image;
}

Integrals integrals_of(const GrayImage& image, const IntegralLayout& layout) {
  Integrals integrals(layout);
  integrals.clear();
  for (Index y = 0; y < image.height; ++y)
    integrals.add_row(image.pixels.data() + y * image.width, image.width);
  return integrals;
}

// Sum over the pixels (i, j) that `counts` of value(pixel).
template <typename Counts, typename Value>
std::uint32_t naive_sum(const GrayImage& image, Counts counts, Value value) {
  std::uint32_t sum = 0;
  for (Index j = 0; j < image.height; ++j) {
    for (Index i = 0; i < image.width; ++i) {
      const std::uint32_t pixel = image.pixels[static_cast<std::size_t>(j * image.width + i)];
      if (counts(i, j)) sum += value(pixel);
    }
  }
  return sum;
}

void check_integrals(const GrayImage& image, Index step) {
  CAPTURE(image.width, image.height, step);
  const IntegralLayout layout(image.width, image.height, step, true);
  const Integrals integrals = integrals_of(image, layout);
  const auto same = [](std::uint32_t pixel) { return pixel; };
  for (Index y = 0; y <= image.height; ++y) {
    for (Index x = 0; x <= image.width; ++x) {
      CAPTURE(x, y);
      const std::uint32_t* at = integrals.values() + layout.place(x, y);
      const auto above_left = [&](Index i, Index j) { return i < x && j < y; };
      const auto in_triangle = [&](Index i, Index j) { return j < y && std::abs(i - x + 1) < y - j; };
      REQUIRE(at[0] == naive_sum(image, above_left, same));
      REQUIRE(at[layout.squares()] == naive_sum(image, above_left, [](std::uint32_t p) { return p * p; }));
      REQUIRE(at[layout.tilts()] == naive_sum(image, in_triangle, same));
    }
  }
}

TEST_CASE("integrals computed by hand") {
  const GrayImage image{3, 2, {1, 2, 3, 4, 5, 6}};
  const IntegralLayout layout(3, 2, 1, true);
  const Integrals integrals = integrals_of(image, layout);
  const auto row = [&](Index plane, Index y) {
    const std::uint32_t* at = integrals.values() + plane + layout.place(0, y);
    return std::vector<std::uint32_t>(at, at + 4);
  };
  CHECK(row(0, 0) == std::vector<std::uint32_t>{0, 0, 0, 0});
  CHECK(row(0, 1) == std::vector<std::uint32_t>{0, 1, 3, 6});
  CHECK(row(0, 2) == std::vector<std::uint32_t>{0, 5, 12, 21});
  CHECK(row(layout.squares(), 2) == std::vector<std::uint32_t>{0, 17, 46, 91});
  CHECK(row(layout.tilts(), 1) == std::vector<std::uint32_t>{0, 1, 2, 3});
  CHECK(row(layout.tilts(), 2) == std::vector<std::uint32_t>{1, 4 + 1 + 2, 5 + 1 + 2 + 3, 6 + 2 + 3});
}

TEST_CASE("integrals equal naive sums for odd and even sizes and both steps between windows") {
  for (const Index step : {1, 2}) {
    check_integrals(noise(1, 1, 1), step);
    check_integrals(noise(2, 5, 2), step);
    check_integrals(noise(7, 6, 3), step);
    check_integrals(noise(16, 9, 4), step);
    check_integrals(noise(33, 12, 5), step);
  }
}

TEST_CASE("integrals can be begun anew with a narrower image") {
  const IntegralLayout layout(9, 4, 2, true);
  Integrals integrals = integrals_of(noise(9, 4, 1), layout);
  integrals.clear();
  const GrayImage image{2, 2, {1, 2, 3, 4}};
  for (Index y = 0; y < 2; ++y) integrals.add_row(image.pixels.data() + 2 * y, 2);
  CHECK(integrals.values()[layout.place(2, 2)] == 10);
  CHECK(integrals.values()[layout.tilts() + layout.place(2, 2)] == 4 + 1 + 2);
}

std::vector<std::uint8_t> shrunk(const GrayImage& image, Extent size) {
  const RowShrinker shrinker(image, size);
  RowShrinker::Cache cache(shrinker);
  std::vector<std::uint8_t> pixels;
  for (Index y = 0; y < size.height; ++y) {
    const std::uint8_t* row = shrinker.row(y, cache);
    pixels.insert(pixels.end(), row, row + size.width);
  }
  return pixels;
}

TEST_CASE("images are shrunk by interpolation between pixel centers") {
  // Centers of two pixels made of four lie at 1 and 3 of 0 .. 4, halfway between centers.
  CHECK(shrunk({4, 2, {0, 10, 20, 50, 4, 14, 24, 54}}, {2, 1}) == std::vector<std::uint8_t>{7, 37});
  // Of three made of four, at 1/6, 1 1/2 and 2 5/6 from the first center; rounded once.
  CHECK(shrunk({4, 2, {0, 60, 120, 180, 0, 60, 120, 180}}, {3, 2}) ==
        std::vector<std::uint8_t>{10, 90, 170, 10, 90, 170});
  const GrayImage image = noise(5, 4, 1);
  CHECK(shrunk(image, {5, 4}) == image.pixels);
}

TEST_CASE("rows can be asked for in any order") {
  const GrayImage image = noise(31, 40, 2);
  const std::vector<std::uint8_t> whole = shrunk(image, {17, 23});
  const RowShrinker shrinker(image, {17, 23});
  RowShrinker::Cache cache(shrinker);
  for (const Index y : {22, 0, 7, 6, 8, 7, 1}) {
    const std::uint8_t* row = shrinker.row(y, cache);
    CHECK(std::equal(row, row + 17, whole.begin() + y * 17));
  }
}

TEST_CASE("levels end where the window no longer fits, and step by one from half size on") {
  const std::vector<Level> levels = plan_levels({100, 60}, {24, 24}, {.scale_factor = 1.5});
  REQUIRE(levels.size() == 3);  // 24, 36, 54
  CHECK(levels[0].size.width == 100);
  CHECK(levels[1].size.width == 67);
  CHECK(levels[1].size.height == 40);
  CHECK(levels[2].size.width == 44);
  CHECK(levels[2].face.width == 54);
  CHECK(levels[1].step == 2);
  CHECK(levels[2].step == 1);
  CHECK(levels[0].columns == 39);  // places 0 .. 76
  CHECK(levels[2].columns == 21);
  CHECK(levels[2].rows == 4);
  CHECK(plan_levels({23, 60}, {24, 24}, {}).empty());
}

TEST_CASE("levels keep to the sizes asked for, or to the nearest") {
  const auto faces = [](const DetectOptions& options) {
    std::vector<Index> edges;
    for (const Level& level : plan_levels({200, 200}, {20, 20}, options)) edges.push_back(level.face.width);
    return edges;
  };
  CHECK(faces({.scale_factor = 2}) == std::vector<Index>{20, 40, 80, 160});
  CHECK(faces({.scale_factor = 2, .min_face = 40}) == std::vector<Index>{40, 80, 160});
  CHECK(faces({.scale_factor = 2, .min_face = 21, .max_face = 80}) == std::vector<Index>{40, 80});
  CHECK(faces({.scale_factor = 2, .min_face = 70, .max_face = 75}) == std::vector<Index>{80});
  CHECK(faces({.scale_factor = 2, .min_face = 1000}) == std::vector<Index>{160});
}

TEST_CASE("an odd last row is searched only when OpenCV's stripes reach it") {
  // 9 rows of places: 0, 2, 4, 6 are in a stripe, 8 in the one stripe of a narrow image is not.
  CHECK(plan_levels({24, 32}, {24, 24}, {.scale_factor = 10})[0].rows == 4);
  // Two stripes of ceil(5 / 2) steps each cover 11 rows of places.
  CHECK(plan_levels({64, 34}, {24, 24}, {.scale_factor = 10})[0].rows == 6);
}

Face square(Index x, Index y, Index edge, double score = 0) {
  return {x, y, edge, edge, score};
}

TEST_CASE("rectangles that are alike become their mean, with their number") {
  const std::vector<Face> rectangles = {square(10, 10, 40), square(12, 10, 40), square(11, 13, 41),
                                        square(200, 10, 40)};
  CHECK(group_rectangles(rectangles, 1) == std::vector<Face>{square(11, 11, 40, 3)});
  CHECK(group_rectangles(rectangles, 2) == std::vector<Face>{square(11, 11, 40, 3)});
  CHECK(group_rectangles(rectangles, 3).empty());
  CHECK(group_rectangles({}, 3).empty());
}

TEST_CASE("without neighbors asked for every rectangle stays") {
  const std::vector<Face> rectangles = {square(10, 10, 40), square(12, 10, 40)};
  CHECK(group_rectangles(rectangles, 0) == std::vector<Face>{square(10, 10, 40, 1), square(12, 10, 40, 1)});
}

TEST_CASE("a chain of rectangles is one group, and edges may differ by a fifth of the size") {
  const auto chain = [](Index apart) {
    return std::vector<Face>{square(0, 0, 40), square(apart, 0, 40), square(2 * apart, 0, 40)};
  };
  CHECK(group_rectangles(chain(8), 2) == std::vector<Face>{square(8, 0, 40, 3)});
  CHECK(group_rectangles(chain(9), 2).empty());
}

TEST_CASE("means are rounded to even") {
  CHECK(group_rectangles({square(0, 1, 40), square(1, 2, 40)}, 1) == std::vector<Face>{square(0, 2, 40, 2)});
}

TEST_CASE("a face inside a larger one that more windows agree on is left out") {
  std::vector<Face> rectangles(5, square(0, 0, 100));
  rectangles.insert(rectangles.end(), 4, square(30, 30, 40));
  CHECK(group_rectangles(rectangles, 2) == std::vector<Face>{square(0, 0, 100, 5)});
  rectangles.insert(rectangles.end(), 2, square(30, 30, 40));
  CHECK(group_rectangles(rectangles, 2).size() == 2);
}

}  // namespace
