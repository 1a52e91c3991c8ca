// The square a network is given of a face.
#include "mien/core/error.hpp"
#include "mien/face/crop.hpp"
#include "support/catch.hpp"

namespace {

using namespace mien;

// Every pixel tells where it is: 10 * row + column.
image::GrayImage photo(Index width, Index height) {
  image::GrayImage image{width, height, {}};
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) image.pixels.push_back(static_cast<std::uint8_t>(10 * y + x));
  }
  return image;
}

face::Face at(Index x, Index y, Index width, Index height) {
  return {.x = x, .y = y, .width = width, .height = height};
}

}  // namespace

TEST_CASE("a face without margin is cropped to its own box") {
  const image::GrayImage crop = face::crop_face(photo(8, 9), at(2, 3, 3, 3), 0);
  CHECK(crop == image::GrayImage{3, 3, {32, 33, 34, 42, 43, 44, 52, 53, 54}});
}

TEST_CASE("the margin is a share of the longer edge, on every side") {
  const image::GrayImage crop = face::crop_face(photo(9, 9), at(3, 3, 2, 4), 0.25);
  CHECK(crop.width == 6);
  CHECK(crop.height == 6);
  CHECK(crop.pixels.front() == 21);  // two rows above, two columns to the left of a box that is not square
  CHECK(crop.pixels.back() == 76);
  const image::GrayImage narrow = face::crop_face(photo(9, 9), at(2, 2, 4, 4), -0.25);
  CHECK(narrow == image::GrayImage{2, 2, {33, 34, 43, 44}});
}

TEST_CASE("a wider crop has the same middle") {
  const image::GrayImage image = photo(100, 100);
  const image::GrayImage crop = face::crop_face(image, at(40, 40, 20, 20), 0, 1.2);
  CHECK(crop.width == 24);
  CHECK(crop.pixels.front() == image.pixels[38 * 100 + 38]);
  face::LocatedFace face{.x = 40, .y = 40, .width = 20, .height = 20, .score = 1, .points = {}};
  face.points.fill({50, 50});
  CHECK(face::crop_face(image, face, 1).pixels.front() == image.pixels[39 * 100 + 40]);
  const image::GrayImage wide = face::crop_face(image, face, 1, 1.2);
  CHECK(wide.width == 24);
  CHECK(wide.pixels.front() == image.pixels[37 * 100 + 38]);
  CHECK_THROWS_AS(face::crop_face(image, face, 1, 0.9), ArgumentError);
  CHECK_THROWS_AS(face::crop_face(image, at(40, 40, 20, 20), 0, 2.1), ArgumentError);
}

TEST_CASE("beyond the photo its edge goes on") {
  const image::GrayImage crop = face::crop_face(photo(2, 2), at(0, 0, 2, 2), 0.5);
  CHECK(crop == image::GrayImage{4, 4, {0, 0, 1, 1, 0, 0, 1, 1, 10, 10, 11, 11, 10, 10, 11, 11}});
}

TEST_CASE("a face with points is cut out as FER2013's pictures are") {
  // A crop of 20 pixels around 30, 30: half of it left and right, 0.57 of it above.
  face::LocatedFace face{.x = 20, .y = 18, .width = 9, .height = 11, .score = 1, .points = {}};
  face.points = {{{26, 26}, {34, 26}, {30, 30}, {27, 34}, {33, 34}}};
  const image::GrayImage image = photo(100, 100);
  const image::GrayImage crop = face::crop_face(image, face, 2);
  REQUIRE(crop.width == 20);
  REQUIRE(crop.height == 20);
  CHECK(crop.pixels.front() == image.pixels[19 * 100 + 20]);
  CHECK(crop.pixels.back() == image.pixels[38 * 100 + 39]);
  // Partly beyond the photo, whose edge goes on; and wholly.
  for (face::Point& point : face.points) point = {0, 0};
  CHECK(face::crop_face(image, face, 1).pixels.front() == image.pixels.front());
  for (face::Point& point : face.points) point = {300, 300};
  CHECK(face::crop_face(image, face, 1).pixels.front() == image.pixels.back());

  CHECK_THROWS_AS(face::crop_face(image, face, 0.4), ArgumentError);
  CHECK_THROWS_AS(face::crop_face(image, face, 3.1), ArgumentError);
  CHECK_THROWS_AS(face::crop_face({5, 5, {}}, face, 1), ArgumentError);
  face.points[0].x = 1e9;
  CHECK_THROWS_AS(face::crop_face(image, face, 1), ArgumentError);
  face.points[0].x = 0;
  face.width = 0;
  CHECK_THROWS_AS(face::crop_face(image, face, 1), ArgumentError);
}

TEST_CASE("five points tell how a face is turned") {
  const auto pose = [](face::FacePoints points) { return face::pose_of(points); };
  CHECK(pose({{{10, 10}, {30, 10}, {20, 20}, {14, 30}, {26, 30}}}) == face::FacePose{0, 0, false});
  const face::FacePose aside = pose({{{10, 10}, {30, 10}, {25, 20}, {14, 30}, {26, 30}}});
  CHECK(aside.yaw == Approx(26.565));  // a quarter of the eyes' distance
  CHECK_FALSE(aside.turned_away);
  const face::FacePose away = pose({{{10, 10}, {30, 10}, {10, 20}, {14, 30}, {26, 30}}});
  CHECK(away.yaw == Approx(-45));
  CHECK(away.turned_away);
  // The head to its side, by 30 and by 90 degrees; the nose straight below the eyes' middle.
  const face::FacePose rolled = pose({{{0, 0}, {17.3205, 10}, {3.66, 13.66}, {0, 20}, {8, 24}}});
  CHECK(rolled.roll == Approx(30).margin(1e-3));
  CHECK(rolled.yaw == Approx(0).margin(1e-2));
  CHECK_FALSE(rolled.turned_away);
  CHECK(pose({{{10, 30}, {10, 10}, {20, 20}, {30, 26}, {30, 14}}}).roll == Approx(-90));
  CHECK(pose({{{10, 30}, {10, 10}, {20, 20}, {30, 26}, {30, 14}}}).turned_away);
  CHECK(pose({}).turned_away);
}

TEST_CASE("crop_face refuses what is no face on the photo") {
  const image::GrayImage image = photo(5, 5);
  CHECK_THROWS_AS(face::crop_face(image, at(0, 0, 2, 2), 1.01), ArgumentError);
  CHECK_THROWS_AS(face::crop_face(image, at(0, 0, 2, 2), -0.26), ArgumentError);
  CHECK_THROWS_WITH(face::crop_face(image, at(5, 0, 2, 2), 0),
                    "[crop_face] a face of 2 x 2 pixels at 5, 0 is not on the photo of 5 x 5");
  CHECK_THROWS_AS(face::crop_face(image, at(0, -2, 2, 2), 0), ArgumentError);
  CHECK_THROWS_AS(face::crop_face(image, at(0, 0, 0, 2), 0), ArgumentError);
  CHECK_THROWS_AS(face::crop_face(image, at(0, 0, 20000, 20000), 0), ArgumentError);
  CHECK_THROWS_AS(face::crop_face({5, 5, {}}, at(0, 0, 2, 2), 0), ArgumentError);
}
