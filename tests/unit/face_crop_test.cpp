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

TEST_CASE("beyond the photo its edge goes on") {
  const image::GrayImage crop = face::crop_face(photo(2, 2), at(0, 0, 2, 2), 0.5);
  CHECK(crop == image::GrayImage{4, 4, {0, 0, 1, 1, 0, 0, 1, 1, 10, 10, 11, 11, 10, 10, 11, 11}});
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
