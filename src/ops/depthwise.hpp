// Depthwise convolutions of n images, spread over the worker threads.
#pragma once

#include "kernels/depthwise.hpp"
#include "ops/ops.hpp"

namespace mien::ops {

using kernels::DepthwiseGeometry;

// Shapes as in kernels/depthwise.hpp with a leading n; g.planes is channels of one image. b may be null. With
// `relu` negative outputs become zero.
void depthwise_forward(float* y, const float* x, const float* w, const float* b, Index n,
                       const DepthwiseGeometry& g, bool relu = false);
// All gradients: dx, dw and db are written, dx and db only where not null. `relu_output` is y of a forward pass
// with relu, else null.
void depthwise_backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output,
                        const float* x, const float* w, Index n, const DepthwiseGeometry& g);

}  // namespace mien::ops
