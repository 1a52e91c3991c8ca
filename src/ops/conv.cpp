#include <algorithm>

#include "mien/core/tensor.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

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

}  // namespace

void conv2d_forward(float* y, const float* x, const float* w, const float* b, Index n,
                    const Conv2dGeometry& g) {
  const VerboseCall call = verbose_call("conv2d_forward", n, g);
  parallel_for(n, [&](Index i) {
    Tensor scratch = workspace(g);
    kernels_in_use().conv2d_forward(y + i * output_size(g), x + i * input_size(g), w, b, g,
                                    scratch.mutable_data());
  });
}

void conv2d_backward_input(float* dx, const float* dy, const float* w, Index n, const Conv2dGeometry& g) {
  const VerboseCall call = verbose_call("conv2d_backward_input", n, g);
  parallel_for(n, [&](Index i) {
    Tensor scratch = workspace(g);
    kernels_in_use().conv2d_backward_input(dx + i * input_size(g), dy + i * output_size(g), w, g,
                                           scratch.mutable_data());
  });
}

void conv2d_backward_weight(float* dw, float* db, const float* dy, const float* x, Index n,
                            const Conv2dGeometry& g) {
  const VerboseCall call = verbose_call("conv2d_backward_weight", n, g);
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

}  // namespace mien::ops
