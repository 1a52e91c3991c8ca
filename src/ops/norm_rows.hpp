// Batch normalization of channels-last images, x [rows][channels] with a row for each pixel of each image.
// Otherwise as in ops.hpp.
#pragma once

#include "ops/ops.hpp"

namespace mien::ops::rows {

void batch_norm_statistics(float* mean, float* variance, const float* x, Index rows, Index channels);
void batch_norm_apply(float* y, const float* x, Index rows, Index channels, const BatchNormVectors& how);
void affine_channels(float* y, const float* x, Index rows, Index channels, const float* factor,
                     const float* shift, bool relu);
void batch_norm_part(double* sums, const float* dy, const float* x, Index rows, Index channels,
                     const BatchNormVectors& how);
void batch_norm_gradient(float* dx, const double* sums, double count, const float* dy, const float* x,
                         Index rows, Index channels, const BatchNormVectors& how);
// `fixed`: with statistics that do not depend on x.
void batch_norm_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x, Index rows,
                         Index channels, const BatchNormVectors& how, bool fixed);

}  // namespace mien::ops::rows
