// Pictures as browsers hold them become gray as the decoders make them gray.
#include "mien/image/rgba.hpp"

#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/random.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/png.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace {

using mien::image::GrayImage;

std::vector<std::uint8_t> noise(std::size_t size) {
  std::vector<std::uint8_t> values(size);
  mien::RandomStream random(3, mien::RandomPurpose::user, 0);
  for (std::uint8_t& value : values) value = static_cast<std::uint8_t>(random.next_below(256));
  return values;
}

}  // namespace

TEST_CASE("red, green, blue and alpha become the gray of a PNG of them") {
  std::vector<std::uint8_t> pixels = noise(4 * 37 * 11);
  for (std::size_t i = 3; i < pixels.size() / 2; i += 4)
    pixels[i] = 255;  // nothing to see through in the upper half
  GrayImage gray{1, 1, {7}, {2, 2, 2}};
  mien::image::gray_of_rgba(gray, pixels, 37, 11);
  const std::string png = mien::image::encode_png(37, 11, 4, pixels);
  const std::vector<std::uint8_t> bytes(png.begin(), png.end());
  CHECK(gray == mien::image::decode_gray(bytes, "noise.png"));
}

TEST_CASE("pixels have to be as many as a picture has") {
  GrayImage gray;
  const std::vector<std::uint8_t> pixels(48);
  CHECK(mien::test::error_of<mien::ArgumentError>([&] { mien::image::gray_of_rgba(gray, pixels, 4, 4); }) ==
        "[rgba] 48 values for a picture of 4x4 pixels");
  CHECK_THROWS_AS(mien::image::gray_of_rgba(gray, pixels, 0, 4), mien::ArgumentError);
  CHECK_THROWS_AS(mien::image::gray_of_rgba(gray, pixels, 4, -3), mien::ArgumentError);
  CHECK_THROWS_AS(mien::image::gray_of_rgba(gray, std::span(pixels).first(47), 4, 3), mien::ArgumentError);
}
