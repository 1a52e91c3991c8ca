// The operations both executors call, the tape and the session: kernels spread over the worker threads.
// Plain pointers as in kernels/, whole batches instead of single images. Work is cut into chunks that
// depend on the problem alone and own their outputs, so results are the same for any number of threads.
#pragma once

#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "mien/core/parallel.hpp"

namespace mien::ops {

using kernels::AdamParameters;
using kernels::Conv2dGeometry;
using kernels::LrnParameters;
using kernels::Pool2dGeometry;
using kernels::SgdParameters;

// Convolutions of n images, shapes as in kernel_table.hpp with a leading n. b and db may be null.
// dw and db are written.
void conv2d_forward(float* y, const float* x, const float* w, const float* b, Index n, const Conv2dGeometry& g);
void conv2d_backward_input(float* dx, const float* dy, const float* w, Index n, const Conv2dGeometry& g);
void conv2d_backward_weight(float* dw, float* db, const float* dy, const float* x, Index n,
                            const Conv2dGeometry& g);

// Pooling; g.planes is channels of one image.
void max_pool2d_forward(float* y, std::uint8_t* argmax, const float* x, Index n, const Pool2dGeometry& g);
void max_pool2d_backward(float* dx, const float* dy, const std::uint8_t* argmax, Index n,
                         const Pool2dGeometry& g);
void avg_pool2d_forward(float* y, const float* x, Index n, const Pool2dGeometry& g);
void avg_pool2d_backward(float* dx, const float* dy, Index n, const Pool2dGeometry& g);
// The mean of each of `planes` planes, and its gradient.
void global_avg_pool_forward(float* y, const float* x, Index planes, Index pixels);
void global_avg_pool_backward(float* dx, const float* dy, Index planes, Index pixels);

void lrn_forward(float* y, const float* x, Index n, Index channels, Index pixels, const LrnParameters& p);
void lrn_backward(float* dx, const float* dy, const float* x, Index n, Index channels, Index pixels,
                  const LrnParameters& p);

// Batch normalization of x [n][channels][pixels]; all vectors are [channels].
void batch_norm_statistics(float* mean, float* variance, const float* x, Index n, Index channels, Index pixels);
void batch_norm_apply(float* y, const float* x, Index n, Index channels, Index pixels, const float* mean,
                      const float* inv_std, const float* gamma, const float* beta);
void batch_norm_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x, Index n,
                         Index channels, Index pixels, const float* mean, const float* inv_std,
                         const float* gamma);

// x[i][c][p] = x[i][c][p] * factor[c] + shift[c], in place.
void affine_channels(float* x, Index n, Index channels, Index pixels, const float* factor, const float* shift);

// y [n][out] = x [n][in] * w [in][out] + b
void dense_forward(float* y, const float* x, const float* w, const float* b, Index n, Index in, Index out);
// dx [n][in] = dy [n][out] * w^T
void dense_backward_input(float* dx, const float* dy, const float* w, Index n, Index in, Index out);
// rows [row_begin, row_end) of x^T [in][n] * d [n][out], written to g [row_end - row_begin][out]; one thread.
void product_rows(float* g, const float* x, const float* d, Index n, Index in, Index out, Index row_begin,
                  Index row_end);

void relu_forward(float* y, const float* x, Index size);
void relu_backward(float* dx, const float* dy, const float* y, Index size);
void dropout(float* y, const float* x, Index size, float rate, std::uint64_t key);
void softmax(float* y, const float* x, Index rows, Index columns);
void log_softmax(float* y, const float* x, Index rows, Index columns);

void sum_rows(float* sums, const float* x, Index rows, Index columns);
void accumulate(float* y, const float* x, Index size);
void scale(float* x, float factor, Index size);
double sum_squares(const float* x, Index size);
bool all_finite(const float* x, Index size);

// Elements [begin, end) of an update that the caller has already cut into chunks; one thread.
void adam_chunk(float* w, float* m, float* v, const float* g, Index size, const AdamParameters& p);
void sgd_chunk(float* w, float* velocity, const float* g, Index size, const SgdParameters& p);

}  // namespace mien::ops
