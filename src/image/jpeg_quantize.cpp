#include "image/jpeg_quantize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "image/level.hpp"

namespace mien::image {
namespace {

constexpr std::size_t kBlock = 8;
constexpr float kMiddleLevel = 128;

// ITU-T T.81, table K.1: rows are vertical frequencies.
constexpr std::array<int, kBlock* kBlock> kLuminance = {16, 11, 10, 16, 24,  40,  51,  61,   //
                                                        12, 12, 14, 19, 26,  58,  60,  55,   //
                                                        14, 13, 16, 24, 40,  57,  69,  56,   //
                                                        14, 17, 22, 29, 51,  87,  80,  62,   //
                                                        18, 22, 37, 56, 68,  109, 103, 77,   //
                                                        24, 35, 55, 64, 81,  104, 113, 92,   //
                                                        49, 64, 78, 87, 103, 121, 120, 101,  //
                                                        72, 92, 95, 98, 112, 100, 103, 99};

struct Matrix {
  alignas(16) std::array<float, kBlock * kBlock> at{};
};

// Cosines without their factors, so that a block's sum and whether a flat block is rounded up are exact.
struct Cosines {
  Matrix by_frequency, by_place;
};
Cosines make_cosines() {
  Cosines cosines;
  for (std::size_t frequency = 0; frequency < kBlock; ++frequency) {
    for (std::size_t place = 0; place < kBlock; ++place) {
      const auto steps = static_cast<double>((2 * place + 1) * frequency);
      const auto value = static_cast<float>(std::cos(steps * std::numbers::pi / 16));
      cosines.by_frequency.at[frequency * kBlock + place] = value;
      cosines.by_place.at[place * kBlock + frequency] = value;
    }
  }
  return cosines;
}

// The factors left out of the cosines: C(u) C(v) / 4 of T.81, A.3.3.
Matrix make_factors() {
  const auto factor = [](std::size_t frequency) { return frequency == 0 ? 1.0 : std::numbers::sqrt2; };
  Matrix factors;
  for (std::size_t v = 0; v < kBlock; ++v) {
    for (std::size_t u = 0; u < kBlock; ++u) {
      factors.at[v * kBlock + u] = static_cast<float>(factor(u) * factor(v) / 8);
    }
  }
  return factors;
}

// The table scaled as jpeg_quality_scaling and jpeg_add_quant_table of IJG's libjpeg do.
Matrix make_steps(int quality) {
  const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  Matrix steps;
  for (std::size_t i = 0; i < kLuminance.size(); ++i) {
    steps.at[i] = static_cast<float>(std::clamp((kLuminance[i] * percent + 50) / 100, 1, 255));
  }
  return steps;
}

// Sums in a fixed order, eight of them side by side.
Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result;
  for (std::size_t row = 0; row < kBlock; ++row) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      const float factor = a.at[row * kBlock + i];
      for (std::size_t column = 0; column < kBlock; ++column) {
        result.at[row * kBlock + column] += factor * b.at[i * kBlock + column];
      }
    }
  }
  return result;
}

void quantize(Matrix& coefficients, const Matrix& steps, const Matrix& factors) {
  for (std::size_t i = 0; i < coefficients.at.size(); ++i) {
    const float value = coefficients.at[i] * factors.at[i] / steps.at[i];
    const auto rounded = static_cast<int>(value + (value < 0 ? -0.5f : 0.5f));
    coefficients.at[i] = static_cast<float>(rounded) * steps.at[i] * factors.at[i];
  }
}

}  // namespace

void jpeg_quantize(std::uint8_t* pixels, Index height, Index width, int quality) {
  static const Cosines cosines = make_cosines();
  static const Matrix factors = make_factors();
  constexpr auto edge = static_cast<Index>(kBlock);
  const Matrix steps = make_steps(quality);
  Matrix block;
  for (Index top = 0; top < height; top += edge) {
    for (Index left = 0; left < width; left += edge) {
      for (Index y = 0; y < edge; ++y) {
        const std::uint8_t* row = pixels + std::min(top + y, height - 1) * width;
        for (Index x = 0; x < edge; ++x) {
          block.at[static_cast<std::size_t>(y * edge + x)] =
              static_cast<float>(row[std::min(left + x, width - 1)]) - kMiddleLevel;
        }
      }
      block = product(product(cosines.by_frequency, block), cosines.by_place);
      quantize(block, steps, factors);
      block = product(product(cosines.by_place, block), cosines.by_frequency);
      for (Index y = 0; y < std::min(edge, height - top); ++y) {
        for (Index x = 0; x < std::min(edge, width - left); ++x) {
          pixels[(top + y) * width + left + x] =
              level(block.at[static_cast<std::size_t>(y * edge + x)] + kMiddleLevel);
        }
      }
    }
  }
}

}  // namespace mien::image
