// Convolutions of single images that all threads share, for what winograd.hpp does not fit.
#pragma once

#include "ops/ops.hpp"

namespace mien::ops {

void conv2d_forward_image(float* y, const float* x, const float* w, const float* b, const Conv2dGeometry& g,
                          bool relu);

}  // namespace mien::ops
