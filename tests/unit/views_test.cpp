#include "mien/image/views.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "mien/core/error.hpp"
#include "mien/image/resize.hpp"
#include "support/catch.hpp"

using mien::Index;
using namespace mien::image;

namespace {

GrayImage pattern(Index width, Index height) {
  GrayImage image{width, height, {}};
  for (Index i = 0; i < width * height; ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>((i * 37 + i * i * 11) % 251));
  }
  return image;
}

GrayImage part(const GrayImage& image, Index left, Index top, Index width, Index height) {
  GrayImage result{width, height, {}};
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      result.pixels.push_back(image.pixels[static_cast<std::size_t>((top + y) * image.width + left + x)]);
    }
  }
  return result;
}

// To be put in order.
std::string text_of(const GrayImage& image) {
  return {image.pixels.begin(), image.pixels.end()};
}

}  // namespace

TEST_CASE("a mirror image has its columns in reverse, and again it is the picture") {
  const GrayImage image{3, 2, {1, 2, 3, 4, 5, 6}};
  CHECK(mirrored(image) == GrayImage{3, 2, {3, 2, 1, 6, 5, 4}});
  CHECK(mirrored(mirrored(image)) == image);
}

TEST_CASE("views are the whole and five parts, each with its mirror image") {
  const GrayImage image = pattern(48, 48);
  CHECK(make_views(image, Views::none) == std::vector<GrayImage>{image});
  CHECK(make_views(image, Views::mirror) == std::vector<GrayImage>{image, mirrored(image)});
  const std::vector<GrayImage> all = make_views(image, Views::full);
  REQUIRE(all.size() == 12);
  CHECK(all[0] == image);
  const Index places[][2] = {{0, 0}, {4, 0}, {0, 4}, {4, 4}, {2, 2}};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(all[2 + 2 * i] == resize(part(image, places[i][0], places[i][1], 44, 44), 48, 48));
  }
  std::set<std::string> different;
  for (std::size_t i = 0; i < 12; i += 2) {
    CHECK(all[i + 1] == mirrored(all[i]));
    different.insert(text_of(all[i]));
    different.insert(text_of(all[i + 1]));
  }
  CHECK(different.size() == 12);
}

TEST_CASE("views at three scales are around the middle, of what lies around a crop or of its edge") {
  const GrayImage crop = pattern(48, 40);
  const GrayImage wide = widened(crop);
  CHECK(wide.width == 50);
  CHECK(wide.height == 42);
  CHECK(part(wide, 1, 1, 48, 40) == crop);
  CHECK(wide.pixels.front() == crop.pixels.front());
  CHECK(wide.pixels.back() == crop.pixels.back());
  const std::vector<GrayImage> views = make_views(crop, Views::scales);
  REQUIRE(views.size() == 6);
  CHECK(views[0] == crop);
  CHECK(views[2] == resize(part(crop, 1, 1, 46, 38), 48, 40));
  CHECK(views[4] == resize(wide, 48, 40));
  for (std::size_t i = 0; i < 6; i += 2) CHECK(views[i + 1] == mirrored(views[i]));

  const GrayImage photo = pattern(210, 210);  // 1.05 times 200
  const std::vector<GrayImage> looks = scaled_views(photo, 48, 48);
  CHECK(looks[0] == resize(part(photo, 5, 5, 200, 200), 48, 48));
  CHECK(looks[2] == resize(part(photo, 10, 10, 190, 190), 48, 48));
  CHECK(looks[4] == resize(photo, 48, 48));
}

TEST_CASE("views of a mirror image are the mirror images of its views, in another order") {
  const auto sorted = [](const GrayImage& image) {
    std::vector<std::string> texts;
    for (const GrayImage& view : make_views(image, Views::full)) texts.push_back(text_of(view));
    std::sort(texts.begin(), texts.end());
    return texts;
  };
  const GrayImage image = pattern(48, 48);
  CHECK(sorted(image) == sorted(mirrored(image)));
}

TEST_CASE("views have the picture's size, whatever that is") {
  for (const auto& [width, height] : {std::pair<Index, Index>{1, 1}, {5, 7}, {64, 64}, {48, 96}}) {
    for (const Views views : {Views::none, Views::mirror, Views::full, Views::scales}) {
      const auto made = make_views(pattern(width, height), views);
      CHECK(static_cast<Index>(made.size()) == view_count(views));
      for (const GrayImage& view : made) {
        CHECK(view.width == width);
        CHECK(view.height == height);
        CHECK(static_cast<Index>(view.pixels.size()) == width * height);
      }
    }
  }
  CHECK_THROWS_AS(make_views({}, Views::none), mien::ArgumentError);
  CHECK_THROWS_AS(make_views({2, 2, {1, 2, 3}}, Views::full), mien::ArgumentError);
  CHECK_THROWS_AS(make_views({}, Views::scales), mien::ArgumentError);
}

TEST_CASE("views have names") {
  for (const Views views : {Views::none, Views::mirror, Views::full, Views::scales}) {
    CHECK(parse_views(to_string(views)) == views);
  }
  CHECK_THROWS_WITH(parse_views("both"), "unknown views \"both\", expected none, mirror, full or scales");
}
