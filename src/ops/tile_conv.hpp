// Convolutions in bfloat16 of whole batches, for processors that multiply tiles of matrices; conv.cpp chooses
// where these do. Arguments as in ops.hpp.
#pragma once

#include "ops/ops.hpp"

namespace mien::ops::tile_conv {

bool fits(const Conv2dGeometry& g, Precision precision);
/// What forward() computes with; transposed what backward() makes the gradient of x with.
Tensor pack_filter(const float* w, const Conv2dGeometry& g, bool transposed);
void forward(float* y, const float* x, const Tensor& filter, const float* b, Index n, const Conv2dGeometry& g,
             bool relu, ConvLayouts layouts);
void backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output, const float* x,
              const Tensor& transposed_filter, Index n, const Conv2dGeometry& g, ConvLayouts layouts);

}  // namespace mien::ops::tile_conv
