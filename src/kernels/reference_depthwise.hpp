// Depthwise convolution once more, as reference.hpp has the other kernels.
#pragma once

#include <algorithm>

#include "kernels/depthwise.hpp"
#include "kernels/reference.hpp"

namespace mien::kernels::reference {

/// Calls visit(y index, x index, w index) for each product of a depthwise convolution.
template <typename Visit>
void for_each_depthwise_product(const DepthwiseGeometry& g, Visit visit) {
  const Index pixels = g.out_height * g.out_width;
  for_each_pooled(
      g, [&](Index iy, Index ix, Index place) { visit(iy, ix, iy / pixels * g.kernel * g.kernel + place); });
}

template <typename T>
void depthwise_forward(T* y, const T* x, const T* w, const T* b, const DepthwiseGeometry& g) {
  const Index pixels = g.out_height * g.out_width;
  for (Index i = 0; i < g.planes * pixels; ++i) y[i] = b != nullptr ? b[i / pixels] : T(0);
  for_each_depthwise_product(g, [&](Index iy, Index ix, Index iw) { y[iy] += x[ix] * w[iw]; });
}

template <typename T>
void depthwise_backward_input(T* dx, const T* dy, const T* w, const DepthwiseGeometry& g) {
  std::fill_n(dx, g.planes * g.in_height * g.in_width, T(0));
  for_each_depthwise_product(g, [&](Index iy, Index ix, Index iw) { dx[ix] += dy[iy] * w[iw]; });
}

/// Adds to dw and db.
template <typename T>
void depthwise_backward_weight(T* dw, T* db, const T* dy, const T* x, const DepthwiseGeometry& g) {
  for_each_depthwise_product(g, [&](Index iy, Index ix, Index iw) { dw[iw] += dy[iy] * x[ix]; });
  const Index pixels = g.out_height * g.out_width;
  for (Index i = 0; i < g.planes * pixels; ++i) db[i / pixels] += dy[i];
}

}  // namespace mien::kernels::reference
