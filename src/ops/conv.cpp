#include <algorithm>

#include "mien/core/tensor.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"
#include "ops/winograd.hpp"

namespace mien::ops {
namespace {

// The weight gradient is summed over images in this many shards, each with its own sum, added in order
// afterwards. A constant, because the order of additions must not depend on the number of threads.
constexpr Index kWeightShards = 8;

Index input_size(const Conv2dGeometry& g) {
  return g.in_channels * g.in_height * g.in_width;
}
Index output_size(const Conv2dGeometry& g) {
  return g.out_channels * g.out_height * g.out_width;
}
Index weight_size(const Conv2dGeometry& g) {
  return g.out_channels * g.in_channels * g.kernel_height * g.kernel_width;
}
Tensor workspace(const Conv2dGeometry& g) {
  return Tensor::uninitialized({kernels_in_use().conv2d_workspace(g)});
}

VerboseCall verbose_call(const char* name, Index n, const Conv2dGeometry& g) {
  return {name, {n, g.in_channels, g.in_height, g.in_width, g.out_channels, g.kernel_height, g.stride}};
}

void im2col_forward(float* y, const float* x, const float* w, const float* b, Index n, const Conv2dGeometry& g,
                    bool relu) {
  parallel_for(n, [&](Index i) {
    Tensor scratch = workspace(g);
    float* out = y + i * output_size(g);
    kernels_in_use().conv2d_forward(out, x + i * input_size(g), w, b, g, scratch.mutable_data());
    if (relu) kernels_in_use().relu_forward(out, out, output_size(g));
  });
}

void im2col_backward_input(float* dx, const float* dy, const float* w, Index n, const Conv2dGeometry& g) {
  parallel_for(n, [&](Index i) {
    Tensor scratch = workspace(g);
    kernels_in_use().conv2d_backward_input(dx + i * input_size(g), dy + i * output_size(g), w, g,
                                           scratch.mutable_data());
  });
}

void im2col_backward_weight(float* dw, float* db, const float* dy, const float* x, Index n,
                            const Conv2dGeometry& g) {
  const Index shards = std::min(n, kWeightShards);
  const Index shard_size = weight_size(g) + g.out_channels;
  Tensor sums = Tensor::uninitialized({std::max<Index>(shards, 1), shard_size});
  std::fill_n(sums.mutable_data(), sums.size(), 0.0f);
  parallel_for(shards, [&](Index shard) {
    Tensor scratch = workspace(g);
    float* shard_dw = sums.mutable_data() + shard * shard_size;
    float* shard_db = db != nullptr ? shard_dw + weight_size(g) : nullptr;
    for (Index i = shard * n / shards; i < (shard + 1) * n / shards; ++i) {
      kernels_in_use().conv2d_backward_weight(shard_dw, shard_db, dy + i * output_size(g),
                                              x + i * input_size(g), g, scratch.mutable_data());
    }
  });
  for (Index shard = 1; shard < shards; ++shard) {
    kernels_in_use().accumulate(sums.mutable_data(), sums.data() + shard * shard_size, shard_size);
  }
  std::copy_n(sums.data(), weight_size(g), dw);
  if (db != nullptr) std::copy_n(sums.data() + weight_size(g), g.out_channels, db);
}

}  // namespace

Tensor prepare_filter(const float* w, const Conv2dGeometry& g) {
  return winograd::fits(g) ? winograd::transform_filter(w, g, false) : Tensor();
}

void conv2d_forward(float* y, const float* x, const float* w, const float* b, Index n, const Conv2dGeometry& g,
                    bool relu, const Tensor& prepared) {
  const VerboseCall call = verbose_call("conv2d_forward", n, g);
  if (winograd::fits(g)) {
    const Tensor filter = prepared.defined() ? prepared : prepare_filter(w, g);
    winograd::forward(y, x, filter.data(), b, n, g, relu);
  } else {
    im2col_forward(y, x, w, b, n, g, relu);
  }
}

void conv2d_backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output,
                     const float* x, const float* w, Index n, const Conv2dGeometry& g) {
  const VerboseCall call = verbose_call("conv2d_backward", n, g);
  if (winograd::fits(g)) {
    winograd::backward(gradients, dy, relu_output, x, w, n, g);
    return;
  }
  Tensor masked;
  if (relu_output != nullptr) {
    masked = Tensor::uninitialized({n * output_size(g)});
    relu_backward(masked.mutable_data(), dy, relu_output, masked.size());
    dy = masked.data();
  }
  if (gradients.dx != nullptr) im2col_backward_input(gradients.dx, dy, w, n, g);
  im2col_backward_weight(gradients.dw, gradients.db, dy, x, n, g);
}

}  // namespace mien::ops
