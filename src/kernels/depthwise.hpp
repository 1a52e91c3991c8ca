// Depthwise convolution: each plane of an image with a filter of its own. Part of kernel_table.hpp.
#pragma once

#include "kernels/index.hpp"

namespace mien::kernels {

/// One K x K filter a plane, moved over each of `planes` H x W planes (cross-correlation).
struct DepthwiseGeometry {
  Index planes;
  Index in_height, in_width;
  Index out_height, out_width;
  Index kernel;  ///< the filter's edge, 1..15
  Index stride;
  Index pad_top, pad_left;  ///< zeros before the first row and column; those after follow from the extents
};

inline constexpr Index kMostDepthwiseKernel = 15;

struct DepthwiseKernels {
  // In floats, contents arbitrary before and after; for any number of planes.
  Index (*workspace)(const DepthwiseGeometry& g);
  // x [planes][H][W], w [planes][K][K], b [planes] or null, y [planes][OH][OW]. With `relu` what is not above
  // zero becomes zero, and NaN stays NaN.
  void (*forward)(float* y, const float* x, const float* w, const float* b, bool relu,
                  const DepthwiseGeometry& g, float* workspace);
  // The gradients of plane c of n images: dx [n][planes][H][W], where not null, from the filter w [K][K], and
  // the sums dw [K][K] and, where not null, db [1], which are written. relu_output is y of a forward pass with
  // relu, else null: where it is not above zero, dy counts as zero.
  void (*backward)(float* dx, float* dw, float* db, const float* dy, const float* relu_output, const float* x,
                   const float* w, Index n, Index c, const DepthwiseGeometry& g, float* workspace);
};

}  // namespace mien::kernels
