#include "mien/image/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/image/resize.hpp"
#include "support/catch.hpp"

using mien::Index;
using mien::Shape;
using mien::Tensor;
using mien::image::fit_per_pixel;
using mien::image::GrayImage;
using mien::image::halved;
using mien::image::Normalization;
using mien::image::normalize;
using mien::image::PerImage;
using mien::image::resize;

namespace {

bool near(double a, double b, double tolerance = 1e-5) {
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

using Bytes = std::vector<std::uint8_t>;

std::vector<float> normalized(const Bytes& pixels, const Normalization& how) {
  std::vector<float> out(pixels.size(), -1.0F);
  normalize(out.data(), pixels.data(), static_cast<Index>(pixels.size()), how);
  return out;
}

Bytes random_bytes(std::size_t count) {
  std::uint32_t state = 1;
  Bytes bytes(count);
  for (std::uint8_t& b : bytes) {
    state = state * 1664525U + 1013904223U;
    b = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

}  // namespace

TEST_CASE("a picture of the wanted size stays as it is") {
  const GrayImage image = {2, 2, {1, 2, 3, 250}};
  REQUIRE(resize(image, 2, 2) == image);
}

TEST_CASE("shrinking averages areas") {
  REQUIRE(resize({4, 2, {0, 10, 20, 30, 40, 50, 60, 70}}, 2, 1).pixels == Bytes{25, 45});
  // 3 to 2: each output covers one input and half of the next, (2*10 + 40) / 3 and (40 + 2*70) / 3.
  REQUIRE(resize({3, 1, {10, 40, 70}}, 2, 1).pixels == Bytes{20, 60});
  REQUIRE(resize({1, 3, {10, 40, 70}}, 1, 2).pixels == Bytes{20, 60});
  REQUIRE(resize({2, 2, {0, 0, 1, 1}}, 1, 1).pixels == Bytes{1});  // halves go up
}

TEST_CASE("enlarging interpolates between pixel centers") {
  // Centers of 4 over 2 lie at -1/4, 1/4, 3/4 and 5/4 input pixels.
  REQUIRE(resize({2, 1, {0, 100}}, 4, 1).pixels == Bytes{0, 25, 75, 100});
  REQUIRE(resize({1, 2, {0, 100}}, 1, 4).pixels == Bytes{0, 25, 75, 100});
  REQUIRE(resize({1, 1, {7}}, 3, 2) == GrayImage{3, 2, {7, 7, 7, 7, 7, 7}});
  REQUIRE(resize({2, 2, {0, 100, 100, 200}}, 4, 1).pixels == Bytes{50, 75, 125, 150});  // one axis each way
}

TEST_CASE("a flat picture stays flat at any size") {
  for (const Index edge : {1, 2, 7, 48, 97}) {
    const GrayImage out = resize({31, 17, Bytes(31 * 17, 201)}, edge, edge + 3);
    REQUIRE(out.pixels == Bytes(static_cast<std::size_t>(edge * (edge + 3)), 201));
  }
}

TEST_CASE("large pictures shrink to the means of areas, too") {
  // 300 by 70: sums fit 32 bits; 5000 by 4000, 64.
  for (const auto& [width, height] : {std::pair<Index, Index>{300, 70}, {5000, 4000}}) {
    const GrayImage image{width, height, random_bytes(static_cast<std::size_t>(width * height))};
    const GrayImage out = resize(image, width / 10, height / 10);
    for (Index y = 0; y < out.height; ++y) {
      for (Index x = 0; x < out.width; ++x) {
        Index sum = 0;
        for (Index i = 0; i < 100; ++i) {
          sum += image.pixels[static_cast<std::size_t>((10 * y + i / 10) * width + 10 * x + i % 10)];
        }
        REQUIRE(out.pixels[static_cast<std::size_t>(y * out.width + x)] == (sum + 50) / 100);
      }
    }
  }
}

TEST_CASE("half a picture is the means of two by two pixels, at an odd edge of those there are") {
  const GrayImage even{130, 74, random_bytes(130 * 74)};
  REQUIRE(halved(even) == resize(even, 65, 37));
  REQUIRE(halved({3, 3, {0, 10, 20, 30, 40, 50, 60, 71, 80}}) == GrayImage{2, 2, {20, 35, 66, 80}});
  REQUIRE(halved({1, 1, {9}}) == GrayImage{1, 1, {9}});
  REQUIRE_THROWS_AS(halved({0, 0, {}}), mien::ArgumentError);
}

TEST_CASE("resizing refuses impossible sizes") {
  REQUIRE_THROWS_AS(resize({2, 2, {1, 2, 3}}, 1, 1), mien::ArgumentError);
  REQUIRE_THROWS_AS(resize({0, 0, {}}, 1, 1), mien::ArgumentError);
  REQUIRE_THROWS_AS(resize({1, 1, {1}}, 0, 1), mien::ArgumentError);
  REQUIRE_THROWS_AS(resize({1, 1, {1}}, 1, 16385), mien::ArgumentError);
}

TEST_CASE("each image is normalized as asked") {
  const Bytes pixels = {0, 30, 60, 150};  // mean 60
  REQUIRE(normalized(pixels, {PerImage::none, 0.5F, {}, {}}) == std::vector<float>{0, 15, 30, 75});
  REQUIRE(normalized(pixels, {PerImage::center, 2, {}, {}}) == std::vector<float>{-120, -60, 0, 180});
  const std::vector<float> unit = normalized(pixels, {PerImage::norm100, 1, {}, {}});
  const double norm = std::sqrt(3600.0 + 900 + 8100);
  REQUIRE(near(unit[0], -6000 / norm));
  REQUIRE(unit[2] == 0);
  double squares = 0;
  for (const float v : unit) squares += v * v;
  REQUIRE(near(std::sqrt(squares), 100));
}

TEST_CASE("an image of one gray has norm 0 and becomes zeros") {
  for (const std::uint8_t gray : {0, 1, 77, 255}) {
    REQUIRE(normalized(Bytes(2304, gray), {PerImage::norm100, 1, {}, {}}) == std::vector<float>(2304, 0.0F));
  }
}

TEST_CASE("pixel statistics come after the image's own") {
  Normalization how{PerImage::none, 2, Tensor::from(Shape{1, 3}, std::vector<float>{1, 2, 3}),
                    Tensor::from(Shape{3}, std::vector<float>{1, 0.5F, 2})};
  REQUIRE(normalized({10, 20, 30}, how) == std::vector<float>{19, 19, 114});
  how.inv_std = Tensor();
  REQUIRE(normalized({10, 20, 30}, how) == std::vector<float>{19, 38, 57});
  REQUIRE_THROWS_AS(normalized({10, 20}, how), mien::ArgumentError);
}

TEST_CASE("pixel statistics are the mean and the biased deviation") {
  const Bytes images = {0, 10, 4, 10, 8, 10};  // three images of two pixels; the second never changes
  const Normalization fit = fit_per_pixel(PerImage::none, 1, images.data(), 3, 2);
  const double deviation = std::sqrt(32.0 / 3);
  REQUIRE(fit.mean.data()[0] == 4);
  REQUIRE(fit.mean.data()[1] == 10);
  REQUIRE(near(fit.inv_std.data()[0], 1 / deviation));
  REQUIRE(near(fit.inv_std.data()[1], 1 / (0.01 * deviation / std::sqrt(2.0))));  // the floor
  const Normalization flat = fit_per_pixel(PerImage::center, 1, images.data() + 1, 1, 1);
  REQUIRE(flat.inv_std.data()[0] == 1);
}

TEST_CASE("fitted statistics standardize the images they came from") {
  const Index count = 300, pixels = 130;
  const Bytes images = random_bytes(static_cast<std::size_t>(count * pixels));
  for (const PerImage mode : {PerImage::none, PerImage::center, PerImage::norm100}) {
    const Normalization fit = fit_per_pixel(mode, 0.25F, images.data(), count, pixels);
    std::vector<double> sum(130, 0), squares(130, 0);
    std::vector<float> out(130);
    for (Index n = 0; n < count; ++n) {
      normalize(out.data(), images.data() + n * pixels, pixels, fit);
      for (std::size_t i = 0; i < 130; ++i) {
        sum[i] += out[i];
        squares[i] += static_cast<double>(out[i]) * out[i];
      }
    }
    for (std::size_t i = 0; i < 130; ++i) {
      REQUIRE(near(sum[i] / 300, 0, 1e-5));
      REQUIRE(near(squares[i] / 300, 1, 1e-4));
    }
  }
}

TEST_CASE("fitted statistics do not depend on the number of threads") {
  const Bytes images = random_bytes(500 * 200);
  const int before = mien::thread_count();
  mien::set_thread_count(1);
  const Normalization one = fit_per_pixel(PerImage::norm100, 1, images.data(), 500, 200);
  mien::set_thread_count(3);
  const Normalization three = fit_per_pixel(PerImage::norm100, 1, images.data(), 500, 200);
  mien::set_thread_count(before);
  REQUIRE(std::memcmp(one.mean.data(), three.mean.data(), 200 * sizeof(float)) == 0);
  REQUIRE(std::memcmp(one.inv_std.data(), three.inv_std.data(), 200 * sizeof(float)) == 0);
}

TEST_CASE("fitting refuses nothing and infinity") {
  const Bytes images = {1};
  REQUIRE_THROWS_AS(fit_per_pixel(PerImage::none, 1, images.data(), 0, 1), mien::ArgumentError);
  REQUIRE_THROWS_AS(fit_per_pixel(PerImage::none, 1, images.data(), 1, 0), mien::ArgumentError);
  REQUIRE_THROWS_AS(fit_per_pixel(PerImage::none, std::numeric_limits<float>::infinity(), images.data(), 1, 1),
                    mien::ArgumentError);
}
