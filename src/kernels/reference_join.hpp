// Joins and upsampling once more, as reference.hpp has the other kernels.
#pragma once

#include <algorithm>

#include "kernels/join.hpp"

namespace mien::kernels::reference {

template <typename T>
void gate_forward(T* y, const T* x, const T* gates, Index planes, Index pixels) {
  for (Index i = 0; i < planes * pixels; ++i) y[i] = x[i] * gates[i / pixels];
}

template <typename T>
void gate_backward(T* dx, T* dgates, const T* dy, const T* x, const T* gates, Index planes, Index pixels) {
  std::fill_n(dgates, planes, T(0));
  for (Index i = 0; i < planes * pixels; ++i) {
    dx[i] = dy[i] * gates[i / pixels];
    dgates[i / pixels] += dy[i] * x[i];
  }
}

/// Where in x the value i of y comes from; height x width is x's.
inline Index upsample2x_source(Index i, Index height, Index width) {
  const Index column = i % (2 * width), row = i / (2 * width) % (2 * height), plane = i / (4 * height * width);
  return (plane * height + row / 2) * width + column / 2;
}

template <typename T>
void upsample2x_forward(T* y, const T* x, Index planes, Index height, Index width) {
  for (Index i = 0; i < 4 * planes * height * width; ++i) y[i] = x[upsample2x_source(i, height, width)];
}

template <typename T>
void upsample2x_backward(T* dx, const T* dy, Index planes, Index height, Index width) {
  std::fill_n(dx, planes * height * width, T(0));
  for (Index i = 0; i < 4 * planes * height * width; ++i) dx[upsample2x_source(i, height, width)] += dy[i];
}

}  // namespace mien::kernels::reference
