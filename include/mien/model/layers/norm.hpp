// Normalization over channels and over batches.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

/// `lrn RADIUS BIAS ALPHA BETA`: y = x / (BIAS + ALPHA * sum of x^2 over 2*RADIUS+1 channels)^BETA. ALPHA is
/// not divided by the window size (TensorFlow's convention; PyTorch, Caffe and ONNX divide).
struct LrnSpec {
  static constexpr std::string_view kKind = "lrn";
  static constexpr Limits<Index> kRadius{0, 1024};
  static constexpr Limits<float> kBias{1e-6f, 1e6f};
  static constexpr Limits<float> kAlpha{0.0f, 1e6f};
  static constexpr Limits<float> kBeta{0.0f, 16.0f};

  Index radius = 0;
  float bias = 1;
  float alpha = 0;
  float beta = 0.75f;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.number({"a radius", "the radius"}, s.radius, kRadius);
    f.number({"a bias", "the bias"}, s.bias, kBias);
    f.number({"an alpha", "alpha"}, s.alpha, kAlpha);
    f.number({"a beta", "beta"}, s.beta, kBeta);
  }
  void place(Placement& at) const;
  Cost cost(const Shape& in, const Shape&) const;
  friend bool operator==(const LrnSpec&, const LrnSpec&) = default;
};

/// `batchnorm [EPSILON MOMENTUM]`: running = (1 - MOMENTUM) * running + MOMENTUM * batch, as PyTorch.
struct BatchNormSpec {
  static constexpr std::string_view kKind = "batchnorm";
  static constexpr bool kTakesAnyLayout = true;
  static constexpr bool kWorksInPlace = true;
  static constexpr bool kTakesRelu = true;
  static constexpr Limits<float> kEpsilon{1e-12f, 1.0f};
  static constexpr Limits<float> kMomentum{0.0f, 1.0f};

  float epsilon = 1e-5f;
  float momentum = 0.1f;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.rest_may_be_absent();
    f.number({"an epsilon", "epsilon"}, s.epsilon, kEpsilon);
    f.number({"a momentum", "the momentum"}, s.momentum, kMomentum);
  }
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true, .backward_reads = 2}; }
  friend bool operator==(const BatchNormSpec&, const BatchNormSpec&) = default;
};

}  // namespace mien::model
