// Convolutions of single images that all threads share, for what winograd.hpp does not fit.
#pragma once

#include "ops/ops.hpp"

namespace mien::ops {

// `filter` is what prepare_filter gives, or w if that gives nothing.
void conv2d_forward_image(float* y, const float* x, const float* filter, const float* b,
                          const Conv2dGeometry& g, bool relu);

// Floats of the memory that takes while it runs in one thread.
Index conv2d_image_scratch(const Conv2dGeometry& g);

// The same and the max-pooling behind it, for geometries for which conv2d_pools is true.
void conv2d_max_pool_forward_image(float* y, std::uint8_t* argmax, const float* x, const float* w,
                                   const float* b, const Conv2dGeometry& g, bool relu,
                                   const Pool2dGeometry& pool);

}  // namespace mien::ops
