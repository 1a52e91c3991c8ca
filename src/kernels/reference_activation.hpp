// Activations once more, as reference.hpp has the other kernels.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/activation.hpp"

namespace mien::kernels::reference {

template <typename T>
T sigmoid(T x) {
  return T(1) / (T(1) + std::exp(-x));
}

template <typename T>
T activation(Activation activation, T slope, T x) {
  switch (activation) {
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::relu6:
      return std::min(std::max(x, T(0)), T(6));
    case Activation::hswish:
      return x * std::min(std::max(x + T(3), T(0)), T(6)) / T(6);
    case Activation::silu:
      return x * sigmoid(x);
    case Activation::leaky_relu:
      return x > T(0) ? x : slope * x;
  }
  return x;
}

template <typename T>
T activation_derivative(Activation activation, T slope, T x) {
  switch (activation) {
    case Activation::sigmoid:
      return sigmoid(x) * sigmoid(-x);
    case Activation::relu6:
      return x > T(0) && x < T(6) ? T(1) : T(0);
    case Activation::hswish:
      return x <= T(-3) ? T(0) : x >= T(3) ? T(1) : (T(2) * x + T(3)) / T(6);
    case Activation::silu:
      return sigmoid(x) + x * sigmoid(x) * sigmoid(-x);
    case Activation::leaky_relu:
      return x > T(0) ? T(1) : slope;
  }
  return x;
}

/// All of x [n][channels][pixels].
template <typename T>
void prelu_forward(T* y, const T* x, const T* slopes, Index n, Index channels, Index pixels) {
  for (Index i = 0; i < n * channels * pixels; ++i) {
    y[i] = activation(Activation::leaky_relu, slopes[i / pixels % channels], x[i]);
  }
}

template <typename T>
void prelu_backward(T* dx, T* dslopes, const T* dy, const T* x, const T* slopes, Index n, Index channels,
                    Index pixels) {
  std::fill_n(dslopes, channels, T(0));
  for (Index i = 0; i < n * channels * pixels; ++i) {
    const Index c = i / pixels % channels;
    dx[i] = dy[i] * activation_derivative(Activation::leaky_relu, slopes[c], x[i]);
    if (!(x[i] > T(0))) dslopes[c] += dy[i] * x[i];
  }
}

}  // namespace mien::kernels::reference
