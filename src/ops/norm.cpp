#include <algorithm>
#include <cmath>

#include "ops/few_images.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/norm_rows.hpp"

namespace mien::ops {
namespace {

// One image shared among the threads: each takes bands of pixels, copied so that they lie as an image does.
void lrn_forward_image(float* y, const float* x, Index channels, Index pixels, const LrnParameters& p) {
  constexpr Index kPixels = 64;
  Tensor bands = Tensor::uninitialized({(pixels + kPixels - 1) / kPixels, 2, channels * kPixels});
  parallel_for_ranges(pixels, kPixels, [&](Index begin, Index end) {
    float* x_band = bands.mutable_data() + begin / kPixels * 2 * channels * kPixels;
    float* y_band = x_band + channels * kPixels;
    const Index width = end - begin;
    for (Index c = 0; c < channels; ++c) std::copy_n(x + c * pixels + begin, width, x_band + c * width);
    kernels_in_use().lrn_forward(y_band, x_band, channels, width, p);
    for (Index c = 0; c < channels; ++c) std::copy_n(y_band + c * width, width, y + c * pixels + begin);
  });
}

// Pixels of a chunk where images lie channels-last, which are normalized each by itself.
constexpr Index kLrnRows = 144;

bool last(const ChannelExtents& e) {
  return e.layout == Layout::channels_last;
}

}  // namespace

bool lrn_takes_layouts(Index channels, Index radius) {
  return kernels_in_use().lrn_rows_fit(channels, radius);
}

void lrn_forward(float* y, const float* x, Index n, Index channels, Index pixels, const LrnParameters& p,
                 Layout layout) {
  const VerboseCall call("lrn_forward", {n, channels, pixels, p.radius});
  const Index image = channels * pixels;
  if (layout == Layout::channels_last) {
    return parallel_for_ranges(n * pixels, kLrnRows, [&](Index begin, Index end) {
      kernels_in_use().lrn_rows_forward(y + begin * channels, x + begin * channels, end - begin, channels, p);
    });
  }
  if (is_few(n)) {
    for (Index i = 0; i < n; ++i) lrn_forward_image(y + i * image, x + i * image, channels, pixels, p);
    return;
  }
  parallel_for(
      n, [&](Index i) { kernels_in_use().lrn_forward(y + i * image, x + i * image, channels, pixels, p); });
}

void lrn_backward(float* dx, const float* dy, const float* x, Index n, Index channels, Index pixels,
                  const LrnParameters& p, Layout layout) {
  const VerboseCall call("lrn_backward", {n, channels, pixels, p.radius});
  const Index image = channels * pixels;
  if (layout == Layout::channels_last) {
    return parallel_for_ranges(n * pixels, kLrnRows, [&](Index begin, Index end) {
      const Index at = begin * channels;
      kernels_in_use().lrn_rows_backward(dx + at, dy + at, x + at, end - begin, channels, p);
    });
  }
  parallel_for(n, [&](Index i) {
    kernels_in_use().lrn_backward(dx + i * image, dy + i * image, x + i * image, channels, pixels, p);
  });
}

void batch_norm_statistics(float* mean, float* variance, const float* x, const ChannelExtents& e) {
  const VerboseCall call("batch_norm_statistics", {e.n, e.channels, e.pixels});
  if (last(e)) return rows::batch_norm_statistics(mean, variance, x, e.n * e.pixels, e.channels);
  parallel_for(e.channels, [&](Index c) {
    kernels_in_use().batch_norm_statistics(mean + c, variance + c, x, e.n, e.channels, e.pixels, c);
  });
}

namespace {

kernels::BatchNormChannel channel(const BatchNormVectors& how, Index c) {
  return {how.mean[c], how.inv_std[c], how.gamma[c], how.beta[c], how.relu};
}

}  // namespace

void batch_norm_apply(float* y, const float* x, const ChannelExtents& e, const BatchNormVectors& how) {
  const VerboseCall call("batch_norm_apply", {e.n, e.channels, e.pixels});
  if (last(e)) return rows::batch_norm_apply(y, x, e.n * e.pixels, e.channels, how);
  parallel_for(e.channels, [&](Index c) {
    kernels_in_use().batch_norm_apply(y, x, e.n, e.channels, e.pixels, c, channel(how, c));
  });
}

void affine_channels(float* y, const float* x, const ChannelExtents& e, const float* factor, const float* shift,
                     bool relu) {
  const VerboseCall call("affine_channels", {e.n, e.channels, e.pixels});
  if (last(e)) return rows::affine_channels(y, x, e.n * e.pixels, e.channels, factor, shift, relu);
  parallel_for(e.channels, [&](Index c) {
    kernels_in_use().batch_norm_apply(y, x, e.n, e.channels, e.pixels, c,
                                      {0.0f, 1.0f, factor[c], shift[c], relu});
  });
}

void batch_norm_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                         const ChannelExtents& e, const BatchNormVectors& how) {
  const VerboseCall call("batch_norm_backward", {e.n, e.channels, e.pixels});
  if (last(e)) {
    return rows::batch_norm_backward(dx, dgamma, dbeta, dy, x, e.n * e.pixels, e.channels, how, false);
  }
  parallel_for(e.channels, [&](Index c) {
    kernels_in_use().batch_norm_backward(dx, dgamma + c, dbeta + c, dy, x, e.n, e.channels, e.pixels, c,
                                         channel(how, c));
  });
}

void batch_norm_part(double* sums, const float* dy, const float* x, const ChannelExtents& e,
                     const BatchNormVectors& how) {
  const VerboseCall call("batch_norm_part", {e.n, e.channels, e.pixels});
  if (last(e)) return rows::batch_norm_part(sums, dy, x, e.n * e.pixels, e.channels, how);
  parallel_for(e.channels, [&](Index c) {
    kernels_in_use().batch_norm_part(sums + c, dy, x, e.n, e.channels, e.pixels, c, channel(how, c));
  });
}

void batch_norm_gradient(float* dx, const double* sums, double count, const float* dy, const float* x,
                         const ChannelExtents& e, const BatchNormVectors& how) {
  const VerboseCall call("batch_norm_gradient", {e.n, e.channels, e.pixels});
  if (last(e)) return rows::batch_norm_gradient(dx, sums, count, dy, x, e.n * e.pixels, e.channels, how);
  parallel_for(e.channels, [&](Index c) {
    kernels_in_use().batch_norm_gradient(dx, dy, x, e.n, e.channels, e.pixels, c, channel(how, c),
                                         static_cast<float>(sums[c] / count),
                                         static_cast<float>(sums[e.channels + c] / count));
  });
}

void batch_norm_fixed_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                               const ChannelExtents& e, const BatchNormVectors& how) {
  const VerboseCall call("batch_norm_fixed_backward", {e.n, e.channels, e.pixels});
  if (last(e))
    return rows::batch_norm_backward(dx, dgamma, dbeta, dy, x, e.n * e.pixels, e.channels, how, true);
  parallel_for(e.channels, [&](Index c) {
    kernels_in_use().batch_norm_fixed_backward(dx, dgamma + c, dbeta + c, dy, x, e.n, e.channels, e.pixels, c,
                                               channel(how, c));
  });
}

void inverse_deviation(float* inv_std, const float* variance, float epsilon, Index channels) {
  for (Index c = 0; c < channels; ++c) inv_std[c] = 1.0f / std::sqrt(variance[c] + epsilon);
}

}  // namespace mien::ops
