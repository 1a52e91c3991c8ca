// Activations: functions of one value at a time. Part of kernel_table.hpp.
#pragma once

#include "kernels/index.hpp"

namespace mien::kernels {

/// With `slope` where the function has one:
///   sigmoid     1 / (1 + exp(-x))
///   relu6       min(max(x, 0), 6)
///   hswish      x * min(max(x + 3, 0), 6) / 6   (Howard et al. 2019)
///   silu        x * sigmoid(x)                  (Hendrycks & Gimpel 2016)
///   leaky_relu  x where x > 0, else slope * x
/// NaN stays NaN; at minus infinity sigmoid, hswish and silu are zero.
enum class Activation { sigmoid, relu6, hswish, silu, leaky_relu };

/// Each of them, with what its passes are called where times are shown.
struct ActivationNames {
  Activation activation;
  const char *forward, *backward;
};
inline constexpr ActivationNames kActivations[] = {
    {Activation::sigmoid, "sigmoid_forward", "sigmoid_backward"},
    {Activation::relu6, "relu6_forward", "relu6_backward"},
    {Activation::hswish, "hswish_forward", "hswish_backward"},
    {Activation::silu, "silu_forward", "silu_backward"},
    {Activation::leaky_relu, "leaky_relu_forward", "leaky_relu_backward"},
};
constexpr const ActivationNames& names_of(Activation activation) {
  return kActivations[static_cast<int>(activation)];
}

/// Whether the gradient is computed from the output, and not from the input.
constexpr bool reads_output(Activation activation) {
  return activation == Activation::sigmoid;
}

struct ActivationKernels {
  // y may be x.
  void (*forward)(Activation activation, float slope, float* y, const float* x, Index n);
  // dx = dy * the derivative; `at` is y where reads_output() says so, else x. dx may be dy.
  void (*backward)(Activation activation, float slope, float* dx, const float* dy, const float* at, Index n);
  // Leaky ReLU with a slope of its own for each channel, for channel `c` of x [n][channels][pixels]; y may be
  // x.
  void (*prelu_forward)(float* y, const float* x, Index n, Index channels, Index pixels, Index c, float slope);
  // *dslope, a sum over n and pixels, is written; dx may be dy.
  void (*prelu_backward)(float* dx, float* dslope, const float* dy, const float* x, Index n, Index channels,
                         Index pixels, Index c, float slope);
};

}  // namespace mien::kernels
