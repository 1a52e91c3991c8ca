#include <cstdlib>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/jpeg.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

// Smooth, as photos are.
Bytes ramp(int width, int height, int channels) {
  Bytes pixels;
  for (int i = 0; i < width * height; ++i) {
    const int values[] = {i % width * 6, i / width * 10, 90};
    for (int c = 0; c < channels; ++c) pixels.push_back(static_cast<std::uint8_t>(values[c]));
  }
  return pixels;
}

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

int largest_difference(const Bytes& a, const Bytes& b) {
  REQUIRE(a.size() == b.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

TEST_CASE("a JPEG that is written decodes to nearly the same pixels") {
  const Bytes color = ramp(40, 24, 3), gray = ramp(40, 24, 1);
  const Bytes fine = bytes_of(mien::image::encode_jpeg(40, 24, 3, color, 95));
  CHECK(largest_difference(mien::image::decode_rgb(fine, "fine").pixels, color) < 12);
  CHECK(mien::image::encode_jpeg(40, 24, 3, color, 30).size() < fine.size());
  const Bytes usual = bytes_of(mien::image::encode_jpeg(40, 24, 1, gray));
  CHECK(largest_difference(mien::image::decode_gray(usual, "usual").pixels, gray) < 12);
}

TEST_CASE("a JPEG is written whole or not at all, and only of what it can hold") {
  using mien::image::write_jpeg;
  const mien::test::TemporaryFolder folder;
  const Bytes color = ramp(40, 24, 3);
  write_jpeg(folder / "x.jpg", 40, 24, 3, color);
  CHECK(mien::image::read_gray(folder / "x.jpg").width == 40);
  CHECK(folder.count() == 1);
  CHECK_THROWS_AS(write_jpeg(folder / "none/x.jpg", 40, 24, 3, color), mien::DataError);
  CHECK_THROWS_AS(write_jpeg(folder / "x.jpg", 40, 23, 3, color), mien::ArgumentError);
  CHECK_THROWS_AS(write_jpeg(folder / "x.jpg", 60, 24, 2, color), mien::ArgumentError);
  CHECK_THROWS_AS(write_jpeg(folder / "x.jpg", 0, 24, 3, {}), mien::ArgumentError);
  for (const int quality : {-1, 0, 101}) {
    CHECK_THROWS_AS(write_jpeg(folder / "x.jpg", 40, 24, 3, color, quality), mien::ArgumentError);
  }
}
