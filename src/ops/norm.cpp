#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {

void lrn_forward(float* y, const float* x, Index n, Index channels, Index pixels, const LrnParameters& p) {
  const VerboseCall call("lrn_forward", {n, channels, pixels, p.radius});
  const Index image = channels * pixels;
  parallel_for(
      n, [&](Index i) { kernels_in_use().lrn_forward(y + i * image, x + i * image, channels, pixels, p); });
}

void lrn_backward(float* dx, const float* dy, const float* x, Index n, Index channels, Index pixels,
                  const LrnParameters& p) {
  const VerboseCall call("lrn_backward", {n, channels, pixels, p.radius});
  const Index image = channels * pixels;
  parallel_for(n, [&](Index i) {
    kernels_in_use().lrn_backward(dx + i * image, dy + i * image, x + i * image, channels, pixels, p);
  });
}

void batch_norm_statistics(float* mean, float* variance, const float* x, Index n, Index channels,
                           Index pixels) {
  const VerboseCall call("batch_norm_statistics", {n, channels, pixels});
  parallel_for(channels, [&](Index c) {
    kernels_in_use().batch_norm_statistics(mean + c, variance + c, x, n, channels, pixels, c);
  });
}

void batch_norm_apply(float* y, const float* x, Index n, Index channels, Index pixels, const float* mean,
                      const float* inv_std, const float* gamma, const float* beta) {
  const VerboseCall call("batch_norm_apply", {n, channels, pixels});
  parallel_for(channels, [&](Index c) {
    kernels_in_use().batch_norm_apply(y, x, n, channels, pixels, c, mean[c], inv_std[c], gamma[c], beta[c]);
  });
}

void affine_channels(float* x, Index n, Index channels, Index pixels, const float* factor, const float* shift) {
  const VerboseCall call("affine_channels", {n, channels, pixels});
  parallel_for(channels, [&](Index c) {
    kernels_in_use().batch_norm_apply(x, x, n, channels, pixels, c, 0.0f, 1.0f, factor[c], shift[c]);
  });
}

void batch_norm_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x, Index n,
                         Index channels, Index pixels, const float* mean, const float* inv_std,
                         const float* gamma) {
  const VerboseCall call("batch_norm_backward", {n, channels, pixels});
  parallel_for(channels, [&](Index c) {
    kernels_in_use().batch_norm_backward(dx, dgamma + c, dbeta + c, dy, x, n, channels, pixels, c, mean[c],
                                         inv_std[c], gamma[c]);
  });
}

}  // namespace mien::ops
