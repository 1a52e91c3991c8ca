// What oneDNN has no primitive for, or none that is better than a plain loop: Adam, dropout, the loss, ReLU's
// mask.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace onednn {

using Index = std::int64_t;

inline constexpr Index kClasses = 7;

// The upper half of a float's bits, rounded to even; NaN does not occur here.
struct Bf16 {
  // No constructor: compilers do not vectorize loops that copy what it makes.
  Bf16& operator=(float value) {
    const auto wide = std::bit_cast<std::uint32_t>(value);
    bits = static_cast<std::uint16_t>((wide + 0x7FFF + (wide >> 16 & 1)) >> 16);
    return *this;
  }
  operator float() const { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

  std::uint16_t bits;
};

// Gradients pass where ReLU let something through, times what dropout multiplied that with.
template <class T>
void mask_relu(const T* result, T* gradient, Index count, float scale) {
#pragma omp parallel for simd schedule(static)
  for (Index i = 0; i < count; ++i) gradient[i] = result[i] > 0.0F ? scale * gradient[i] : 0.0F;
}

// Drops every other value at random and doubles the rest. Mixes the bits of position and seed, so needs no
// state.
template <class T>
void drop_half(T* x, Index count, std::uint32_t seed) {
#pragma omp parallel for simd schedule(static)
  for (Index i = 0; i < count; ++i) {
    std::uint32_t mixed = static_cast<std::uint32_t>(i) * 0x9E3779B9U + seed * 0x85EBCA6BU;
    mixed = (mixed ^ mixed >> 16) * 0x7FEB352DU;
    mixed = (mixed ^ mixed >> 15) * 0x846CA68BU;
    x[i] = mixed >> 31 != 0 ? 2.0F * x[i] : 0.0F;
  }
}

template <class T>
void softmax(const T* logits, float* probabilities, Index rows) {
  for (Index row = 0; row < rows; ++row, logits += kClasses, probabilities += kClasses) {
    float most = logits[0];
    for (Index c = 1; c < kClasses; ++c) most = std::max<float>(most, logits[c]);
    float sum = 0.0F;
    for (Index c = 0; c < kClasses; ++c) sum += probabilities[c] = std::exp(logits[c] - most);
    for (Index c = 0; c < kClasses; ++c) probabilities[c] /= sum;
  }
}

// The mean cross-entropy, and its gradient with respect to the logits.
template <class T>
float cross_entropy(const float* probabilities, const int* labels, T* gradient, Index rows) {
  double loss = 0.0;
  for (Index row = 0; row < rows; ++row, probabilities += kClasses, gradient += kClasses) {
    loss -= std::log(std::max(probabilities[labels[row]], 1e-30F));
    for (Index c = 0; c < kClasses; ++c) {
      gradient[c] = (probabilities[c] - (c == labels[row] ? 1.0F : 0.0F)) / static_cast<float>(rows);
    }
  }
  return static_cast<float>(loss / static_cast<double>(rows));
}

struct Adam {
  float* m;
  float* v;
  Index count;
};

// One step of Adam in fp32; T is the gradient's type. Where it is Bf16, the result is also rounded into
// `weights`.
template <class T>
void update(const Adam& adam, float rate, int step, const T* gradient, float* master, T* weights) {
  constexpr float kBeta1 = 0.9F, kBeta2 = 0.999F, kEpsilon = 1e-8F;
  const float root = std::sqrt(1.0F - std::pow(kBeta2, static_cast<float>(step)));
  const float scaled_rate = rate * root / (1.0F - std::pow(kBeta1, static_cast<float>(step)));
  const float scaled_epsilon = kEpsilon * root;
#pragma omp parallel for simd schedule(static)
  for (Index i = 0; i < adam.count; ++i) {
    const float g = gradient[i];
    const float m = adam.m[i] = kBeta1 * adam.m[i] + (1.0F - kBeta1) * g;
    const float v = adam.v[i] = kBeta2 * adam.v[i] + (1.0F - kBeta2) * g * g;
    const float updated = master[i] - scaled_rate * m / (std::sqrt(v) + scaled_epsilon);
    master[i] = updated;
    if constexpr (std::is_same_v<T, Bf16>) weights[i] = updated;
  }
}

}  // namespace onednn
