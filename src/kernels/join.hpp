// What joins two values of a network, and what makes images larger. Part of kernel_table.hpp.
#pragma once

#include "kernels/index.hpp"

namespace mien::kernels {

struct JoinKernels {
  // y = a + b; with `relu` what is not above zero becomes zero, and NaN stays NaN. y may be a or b.
  void (*add)(float* y, const float* a, const float* b, bool relu, Index n);
  // Each of `planes` planes of `pixels` values times its gate: y[p][i] = x[p][i] * gates[p]. y may be x.
  void (*gate_forward)(float* y, const float* x, const float* gates, Index planes, Index pixels);
  // dgates[p], a sum over the plane in double precision, is written, as is dx where not null; dx may be dy.
  void (*gate_backward)(float* dx, float* dgates, const float* dy, const float* x, const float* gates,
                        Index planes, Index pixels);
  // Each value of planes of height x width values four times: y[2 i + (0, 1)][2 j + (0, 1)] = x[i][j].
  void (*upsample2x_forward)(float* y, const float* x, Index planes, Index height, Index width);
  // dx[i][j] is the sum of its four values of dy; height x width is dx's.
  void (*upsample2x_backward)(float* dx, const float* dy, Index planes, Index height, Index width);
};

}  // namespace mien::kernels
