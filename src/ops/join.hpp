// What joins values of a network, and upsampling, spread over the worker threads.
#pragma once

#include <span>

#include "kernels/join.hpp"

namespace mien::ops {

using kernels::Index;

// y = a + b, with `relu` zero where that is not above zero. y may be a or b.
void add(float* y, const float* a, const float* b, Index size, bool relu = false);

// x [planes][pixels] times gates [planes]; planes is channels of all images. y may be x,
// and gates where pixels is 1.
void gate_forward(float* y, const float* x, const float* gates, Index planes, Index pixels);
// dgates is written, as is dx where not null; dx may be dy.
void gate_backward(float* dx, float* dgates, const float* dy, const float* x, const float* gates, Index planes,
                   Index pixels);

// Of each of n images the parts one after the other, part k being `size` values an image; and back. Parts
// that are null are left out when going back.
struct ConcatPart {
  const float* values;
  Index size;
};
void concat(float* y, std::span<const ConcatPart> parts, Index n);
struct SplitPart {
  float* values;
  Index size;
};
void split(std::span<const SplitPart> parts, const float* y, Index n);

// Each value of x [planes][height][width] four times: y [planes][2 height][2 width]; and the gradient, where
// height x width is dx's.
void upsample2x_forward(float* y, const float* x, Index planes, Index height, Index width);
void upsample2x_backward(float* dx, const float* dy, Index planes, Index height, Index width);

}  // namespace mien::ops
