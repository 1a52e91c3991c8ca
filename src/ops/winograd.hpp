// Convolutions by Winograd's method, spread over the worker threads: forward and input gradient over images,
// the filters' gradient over the points of the method. Arguments as in ops.hpp.
#pragma once

#include "ops/ops.hpp"

namespace mien::ops::winograd {

bool fits(const Conv2dGeometry& g);
// Points of an array of `rows` x `channels` values are this far apart. The odd line keeps them out of each
// other's cache sets.
inline Index point_step(Index rows, Index channels) {
  return rows * channels + 16;
}
// The filters at all points; transposed for the input gradient.
Tensor transform_filter(const float* w, const Conv2dGeometry& g, bool transposed);
void forward(float* y, const float* x, const float* filter, const float* b, Index n, const Conv2dGeometry& g,
             bool relu, ConvLayouts layouts);
// The same for a single image shared by all threads.
void forward_image(float* y, const float* x, const float* filter, const float* b, const Conv2dGeometry& g,
                   bool relu, ConvLayouts layouts);
void backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output, const float* x,
              const float* transposed_filter, Index n, const Conv2dGeometry& g, ConvLayouts layouts);

}  // namespace mien::ops::winograd
