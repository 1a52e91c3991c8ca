// What becomes of pictures on their way, each kind by itself.
#include "mien/image/degrade.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/image/resize.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using mien::Index;
using mien::RandomPurpose;
using mien::RandomStream;
using mien::image::Degradation;
using mien::image::DegradationKind;
using mien::image::GrayImage;
using Pixels = std::vector<std::uint8_t>;

namespace {

RandomStream stream(std::uint64_t id = 0) {
  return {5, RandomPurpose::user, id};
}

Pixels degraded(const Pixels& in, Index height, Index width, const Degradation& how, std::uint64_t id = 0) {
  Pixels out(in.size(), 99);
  RandomStream random = stream(id);
  mien::image::degrade(out.data(), in.data(), {height, width}, how, random);
  return out;
}

// Waves with some noise on them, mid-gray so that little is clipped.
Pixels picture(Index height, Index width) {
  RandomStream random = stream(77);
  Pixels pixels;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double wave =
          40 * std::sin(0.4 * static_cast<double>(x)) + 30 * std::cos(0.3 * static_cast<double>(y));
      pixels.push_back(static_cast<std::uint8_t>(128 + wave + random.next_below(17)));
    }
  }
  return pixels;
}

double mean(const Pixels& pixels) {
  return std::accumulate(pixels.begin(), pixels.end(), 0.0) / static_cast<double>(pixels.size());
}

double deviation(const Pixels& pixels) {
  double sum = 0;
  for (const std::uint8_t pixel : pixels) sum += (pixel - mean(pixels)) * (pixel - mean(pixels));
  return std::sqrt(sum / static_cast<double>(pixels.size()));
}

int largest_difference(const Pixels& a, const Pixels& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// T.81's formulas (A.3.3) as they stand, table K.1 and the scaling of IJG's jcparam.c.
constexpr std::array<int, 64> kTable = {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                                        14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                                        18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                                        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};

double basis(std::size_t frequency, std::size_t place) {
  const double angle = static_cast<double>((2 * place + 1) * frequency) * 3.14159265358979323846 / 16;
  return (frequency == 0 ? std::sqrt(0.5) : 1.0) / 2 * std::cos(angle);
}

// Whether a coefficient lies so near to the middle of two steps that rounding may take it either way is said in
// `even`: the whole block may then differ.
std::array<double, 64> jpeg_block(const std::array<double, 64>& block, int quality, bool& even) {
  std::array<double, 64> coefficients{}, result{};
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t at = 0; at < 64; ++at) {
      coefficients[i] += (block[at] - 128) * basis(i / 8, at / 8) * basis(i % 8, at % 8);
    }
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    const int step = std::clamp((kTable[i] * scale + 50) / 100, 1, 255);
    const double steps = coefficients[i] / step;
    even = even || std::abs(steps - std::floor(steps) - 0.5) < 1e-4;
    coefficients[i] = std::round(steps) * step;
  }
  for (std::size_t at = 0; at < 64; ++at) {
    result[at] = 128;
    for (std::size_t i = 0; i < 64; ++i)
      result[at] += coefficients[i] * basis(i / 8, at / 8) * basis(i % 8, at % 8);
  }
  return result;
}

struct Compared {
  double largest = 0;  // difference from the formulas, in levels
  int blocks = 0;      // whose rounding is beyond doubt
};
Compared compare_with_formulas(const Pixels& in, const Pixels& out, Index height, Index width, int quality) {
  Compared compared;
  for (Index top = 0; top < height; top += 8) {
    for (Index left = 0; left < width; left += 8) {
      const auto at = [&](std::size_t i) {
        const Index y = std::min(top + static_cast<Index>(i / 8), height - 1);
        return static_cast<std::size_t>(y * width + std::min(left + static_cast<Index>(i % 8), width - 1));
      };
      std::array<double, 64> block{};
      for (std::size_t i = 0; i < 64; ++i) block[i] = in[at(i)];
      bool even = false;
      const std::array<double, 64> expected = jpeg_block(block, quality, even);
      if (even) continue;
      ++compared.blocks;
      for (std::size_t i = 0; i < 64; ++i) {
        if (top + static_cast<Index>(i / 8) >= height || left + static_cast<Index>(i % 8) >= width) continue;
        const double difference = std::abs(out[at(i)] - std::clamp(expected[i], 0.0, 255.0));
        compared.largest = std::max(compared.largest, difference);
      }
    }
  }
  return compared;
}

}  // namespace

TEST_CASE("JPEG's blocks are those of the standard's formulas, also where they reach beyond the picture") {
  for (const auto& [height, width] : {std::pair<Index, Index>{48, 48}, {21, 35}, {3, 9}, {1, 1}}) {
    // All frequencies, so that every step of the table is used.
    Pixels in(static_cast<std::size_t>(height * width));
    RandomStream random = stream(3);
    for (std::uint8_t& pixel : in) pixel = static_cast<std::uint8_t>(random.next_u32() >> 24);
    for (const int quality : {1, 10, 40, 50, 90, 100}) {
      INFO(height << "x" << width << " at " << quality);
      const Pixels out = degraded(in, height, width, {DegradationKind::jpeg, static_cast<float>(quality)});
      const Compared compared = compare_with_formulas(in, out, height, width, quality);
      CHECK(compared.largest < 0.501);
      if (height * width > 64 && quality < 100) CHECK(compared.blocks > 0);
    }
  }
}

TEST_CASE("JPEG leaves flat blocks at the next step, halves away from gray") {
  // At quality 50 a step of the mean is two levels.
  for (const auto& [before, after] :
       {std::pair<int, int>{128, 128}, {129, 130}, {130, 130}, {127, 126}, {255, 255}}) {
    const Pixels in(64, static_cast<std::uint8_t>(before));
    CHECK(degraded(in, 8, 8, {DegradationKind::jpeg, 50}) == Pixels(64, static_cast<std::uint8_t>(after)));
  }
}

TEST_CASE("noise has the standard deviation that it is said to have, and is its stream's") {
  constexpr Index kEdge = 100;
  const Pixels flat(kEdge * kEdge, 128);
  for (const float levels : {1.0f, 8.0f, 25.0f}) {
    const Degradation how{DegradationKind::noise, levels};
    const Pixels out = degraded(flat, kEdge, kEdge, how);
    CHECK(mean(out) == Approx(128).margin(0.05 * levels));
    // Rounding to whole levels adds a twelfth to the variance.
    CHECK(deviation(out) == Approx(std::sqrt(levels * levels + 1.0f / 12)).epsilon(0.03));
    CHECK(degraded(flat, kEdge, kEdge, how) == out);
    CHECK(degraded(flat, kEdge, kEdge, how, 1) != out);
  }
  CHECK(degraded(flat, kEdge, kEdge, {DegradationKind::noise, 0}) == flat);
}

TEST_CASE("blur spreads a spot as a Gaussian does") {
  constexpr Index kHeight = 33, kWidth = 41, kRow = 16, kColumn = 20;
  for (const float sigma : {0.8f, 1.5f, 3.0f}) {
    Pixels spot(kHeight * kWidth, 0);
    for (Index y = kRow - 2; y <= kRow + 2; ++y) {
      for (Index x = kColumn - 2; x <= kColumn + 2; ++x) spot[static_cast<std::size_t>(y * kWidth + x)] = 250;
    }
    const Pixels out = degraded(spot, kHeight, kWidth, {DegradationKind::blur, sigma});
    double mass = 0, across = 0, down = 0;
    for (Index i = 0; i < kHeight * kWidth; ++i) {
      const double value = out[static_cast<std::size_t>(i)];
      const auto x = static_cast<double>(i % kWidth - kColumn), y = static_cast<double>(i / kWidth - kRow);
      mass += value;
      across += value * x * x;
      down += value * y * y;
    }
    CHECK(mass == Approx(25 * 250).epsilon(0.02));
    // That of the spot, five pixels wide, is 2; the Gaussian ends at three standard deviations.
    CHECK(across / mass == Approx(2 + sigma * sigma).epsilon(0.05));
    CHECK(down / mass == Approx(across / mass).epsilon(0.01));
  }
}

TEST_CASE("blur keeps the mean and flat pictures, and takes of noise what averaging takes") {
  const Pixels flat(7 * 5, 201), gray(64 * 64, 128);
  CHECK(degraded(flat, 7, 5, {DegradationKind::blur, 20}) == flat);
  CHECK(degraded(picture(9, 9), 9, 9, {DegradationKind::blur, 0}) == picture(9, 9));
  CHECK(degraded(picture(9, 9), 9, 9, {DegradationKind::blur, 1e-30f}) == picture(9, 9));
  const Pixels noisy = degraded(gray, 64, 64, {DegradationKind::noise, 20});
  const Pixels out = degraded(noisy, 64, 64, {DegradationKind::blur, 1.5f});
  CHECK(mean(out) == Approx(mean(noisy)).margin(0.3));
  CHECK(deviation(out) == Approx(20 / (2 * std::sqrt(3.14159265) * 1.5)).epsilon(0.1));
}

TEST_CASE("shrinking leaves what that many pixels hold") {
  const Pixels in = picture(48, 32);
  const auto by_resizing = [&](Index width, Index height) {
    const GrayImage fewer = mien::image::resize(GrayImage{32, 48, in}, width, height);
    return mien::image::resize(fewer, 32, 48).pixels;
  };
  CHECK(degraded(in, 48, 32, {DegradationKind::shrink, 24}) == by_resizing(16, 24));
  CHECK(degraded(in, 48, 32, {DegradationKind::shrink, 1}) == by_resizing(1, 1));
  CHECK(degraded(in, 48, 32, {DegradationKind::shrink, 48}) == in);
  CHECK(degraded(in, 48, 32, {DegradationKind::shrink, 100}) == in);
}

TEST_CASE("gamma bends levels between black and white, which stay") {
  Pixels levels(256);
  std::iota(levels.begin(), levels.end(), std::uint8_t{0});
  const Pixels darker = degraded(levels, 16, 16, {DegradationKind::gamma, 2});
  CHECK(std::is_sorted(darker.begin(), darker.end()));
  CHECK(darker.front() == 0);
  CHECK(darker.back() == 255);
  CHECK(darker[128] == 64);
  CHECK(degraded(levels, 16, 16, {DegradationKind::gamma, 0.5f})[64] == 128);
  CHECK(degraded(levels, 16, 16, {DegradationKind::gamma, 1}) == levels);
}

TEST_CASE("a picture is degraded where it lies as into another place, and only noise draws") {
  const Pixels in = picture(19, 27);
  for (const Degradation& how :
       {Degradation{DegradationKind::blur, 1.2f}, Degradation{DegradationKind::shrink, 12},
        Degradation{DegradationKind::jpeg, 40}, Degradation{DegradationKind::gamma, 1.5f},
        Degradation{DegradationKind::noise, 8}}) {
    INFO(mien::image::to_string(how));
    Pixels pixels = in;
    RandomStream random = stream(), untouched = stream();
    mien::image::degrade(pixels.data(), pixels.data(), {19, 27}, how, random);
    CHECK(pixels == degraded(in, 19, 27, how));
    CHECK(largest_difference(pixels, in) > 2);
    CHECK((random.next_u32() == untouched.next_u32()) == (how.kind != DegradationKind::noise));
  }
}

TEST_CASE("degradations are read and written as text; nonsense is refused with what there is") {
  for (const char* text : {"blur=1.2", "shrink=24", "noise=8", "jpeg=40", "gamma=0.5"}) {
    CHECK(mien::image::to_string(mien::image::parse_degradation(text)) == text);
  }
  CHECK(mien::image::parse_degradation("noise=8") == Degradation{DegradationKind::noise, 8});
  for (const char* text : {"", "noise", "noise=", "noise=x", "noise=-1", "noise=256", "Noise=8", "jpeg=0",
                           "jpeg=101", "shrink=0", "gamma=0", "blur=nan", "fog=1", "=1", "noise=8,jpeg=40"}) {
    INFO(text);
    CHECK(mien::test::error_of<mien::ArgumentError>([&] {
            mien::image::parse_degradation(text);
          }).starts_with("no such degradation \"" + std::string(text) + "\", expected one of blur=0..20, "));
  }
  const Pixels in(4, 0);
  CHECK(mien::test::error_of<mien::ArgumentError>([&] {
          degraded(in, 2, 2, {DegradationKind::blur, 21});
        }).starts_with("[degrade] blur=21, expected blur=0..20, "));
  CHECK_THROWS_AS(degraded(in, 2, 2, {DegradationKind::noise, std::nanf("")}), mien::ArgumentError);
  CHECK_THROWS_WITH(degraded(in, 0, 4, {DegradationKind::blur, 1}), "[degrade] a picture of 4x0");
}

TEST_CASE("degradations are told with the numbers that one would write") {
  CHECK(mien::image::degradation_kinds() ==
        "blur=0..20, shrink=1..16384, noise=0..255, jpeg=1..100, gamma=0.1..10");
}
