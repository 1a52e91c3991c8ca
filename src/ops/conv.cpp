#include <algorithm>

#include "mien/core/tensor.hpp"
#include "ops/conv_image.hpp"
#include "ops/few_images.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"
#include "ops/scratch.hpp"
#include "ops/tile_conv.hpp"
#include "ops/winograd.hpp"

namespace mien::ops {
namespace {

Index input_size(const Conv2dGeometry& g) {
  return g.in_channels * g.in_height * g.in_width;
}
Index output_size(const Conv2dGeometry& g) {
  return g.out_channels * g.out_height * g.out_width;
}
Index weight_size(const Conv2dGeometry& g) {
  return g.out_channels * g.in_channels * g.kernel_height * g.kernel_width;
}
Index pooled_size(const Pool2dGeometry& g) {
  return g.planes * g.out_height * g.out_width;
}
bool direct(const Conv2dGeometry& g) {
  return kernels_in_use().direct_fits(g);
}
Index workspace_size(const Conv2dGeometry& g) {
  const kernels::KernelTable& kernels = kernels_in_use();
  return direct(g) ? kernels.direct_workspace(g) : kernels.conv2d_workspace(g);
}
Tensor workspace(const Conv2dGeometry& g) {
  return Tensor::uninitialized({workspace_size(g)});
}

VerboseCall verbose_call(const char* name, Index n, const Conv2dGeometry& g) {
  return {name, {n, g.in_channels, g.in_height, g.in_width, g.out_channels, g.kernel_height, g.stride}};
}

Index forward_workspace_size(const Conv2dGeometry& g) {
  const kernels::KernelTable& kernels = kernels_in_use();
  return direct(g) ? kernels.direct_workspace(g) : kernels.conv2d_panel_workspace(g);
}

void forward_image(float* y, const float* x, const float* filter, const float* b, const Conv2dGeometry& g,
                   bool relu) {
  const kernels::KernelTable& kernels = kernels_in_use();
  Tensor scratch = Tensor::uninitialized({forward_workspace_size(g)});
  if (direct(g)) {
    kernels.direct_forward(y, x, filter, b, relu, g, scratch.mutable_data());
  } else {
    kernels.conv2d_forward(y, x, filter, b, relu, g, 0, g.out_height * g.out_width, scratch.mutable_data());
  }
}

Tensor packed_filter(const float* w, const Conv2dGeometry& g) {
  const kernels::KernelTable& kernels = kernels_in_use();
  Tensor filter = Tensor::uninitialized({kernels.conv2d_filter_size(g)});
  kernels.conv2d_filter(filter.mutable_data(), w, g);
  return filter;
}

// dy where the output of the layer's ReLU is above zero, in `masked`; dy itself without ReLU.
const float* behind_relu(Tensor& masked, const float* dy, const float* relu_output, const Conv2dGeometry& g) {
  if (relu_output == nullptr) return dy;
  masked = Tensor::uninitialized({output_size(g)});
  kernels_in_use().relu_backward(masked.mutable_data(), dy, relu_output, output_size(g));
  return masked.data();
}

void backward_input_image(float* dx, const float* dy, const float* relu_output, const float* w,
                          const Conv2dGeometry& g) {
  const kernels::KernelTable& kernels = kernels_in_use();
  Tensor scratch = Tensor::uninitialized({kernels.conv2d_workspace(g)});
  Tensor masked;
  kernels.conv2d_backward_input(dx, behind_relu(masked, dy, relu_output, g), w, g, scratch.mutable_data());
}

// Adds to dw and, where not null, db.
void backward_weight_image(float* dw, float* db, const float* dy, const float* relu_output, const float* x,
                           const Conv2dGeometry& g) {
  const kernels::KernelTable& kernels = kernels_in_use();
  Tensor scratch = workspace(g);
  if (direct(g)) {
    kernels.direct_backward_weight(dw, db, dy, relu_output, x, g, scratch.mutable_data());
    return;
  }
  Tensor masked;
  kernels.conv2d_backward_weight(dw, db, behind_relu(masked, dy, relu_output, g), x, g, scratch.mutable_data());
}

// The gradient of an image's output, and that output where a ReLU made it.
struct ImageGradient {
  const float* dy;
  const float* relu_output;
};

// make_source()(i) is the ImageGradient of image i; it is valid until the same source is asked for another.
template <typename MakeSource>
void backward_weight(const Conv2dGradients& to, const float* x, Index n, const Conv2dGeometry& g,
                     MakeSource make_source) {
  const Index shards = std::min(n, to.sums);
  const Index shard_size = weight_size(g) + g.out_channels;
  Tensor sums({std::max<Index>(shards, 1), shard_size});
  parallel_for(shards, [&](Index shard) {
    float* shard_dw = sums.mutable_data() + shard * shard_size;
    float* shard_db = to.db != nullptr ? shard_dw + weight_size(g) : nullptr;
    auto source = make_source();
    for (Index i = shard * n / shards; i < (shard + 1) * n / shards; ++i) {
      const ImageGradient image = source(i);
      backward_weight_image(shard_dw, shard_db, image.dy, image.relu_output, x + i * input_size(g), g);
    }
  });
  for (Index shard = 1; shard < shards; ++shard) {
    kernels_in_use().accumulate(sums.mutable_data(), sums.data() + shard * shard_size, shard_size);
  }
  std::copy_n(sums.data(), weight_size(g), to.dw);
  if (to.db != nullptr) std::copy_n(sums.data() + weight_size(g), g.out_channels, to.db);
}

template <typename MakeSource>
void backward_images(const Conv2dGradients& gradients, const float* x, const float* w, Index n,
                     const Conv2dGeometry& g, MakeSource make_source) {
  reserve_scratch({workspace_size(g), output_size(g)}, n);
  // The gradient of the input is computed by the general kernels even where the others need not be.
  if (gradients.dx != nullptr && direct(g)) reserve_scratch({kernels_in_use().conv2d_workspace(g)}, n);
  parallel_for(gradients.dx != nullptr ? n : 0, [&](Index i) {
    auto source = make_source();
    const ImageGradient image = source(i);
    backward_input_image(gradients.dx + i * input_size(g), image.dy, image.relu_output, w, g);
  });
  backward_weight(gradients, x, n, g, make_source);
}

}  // namespace

bool conv2d_narrows(const Conv2dGeometry& g, Precision precision) {
  return tile_conv::fits(g, precision);
}

Tensor prepare_filter(const float* w, const Conv2dGeometry& g, Precision precision) {
  if (conv2d_narrows(g, precision)) return tile_conv::pack_filter(w, g, false);
  if (winograd::fits(g)) return winograd::transform_filter(w, g, false);
  return direct(g) ? Tensor() : packed_filter(w, g);
}

Tensor prepare_transposed_filter(const float* w, const Conv2dGeometry& g, Precision precision) {
  if (conv2d_narrows(g, precision)) return tile_conv::pack_filter(w, g, true);
  return winograd::fits(g) ? winograd::transform_filter(w, g, true) : Tensor();
}

bool prepares_alike(const Conv2dGeometry& a, const Conv2dGeometry& b) {
  const kernels::KernelTable& kernels = kernels_in_use();
  return !winograd::fits(a) || kernels.winograd_tiles(a).points == kernels.winograd_tiles(b).points;
}

bool conv2d_takes_layouts(const Conv2dGeometry& g) {
  return winograd::fits(g);
}

void conv2d_forward(float* y, const float* x, const float* w, const float* b, Index n, const Conv2dGeometry& g,
                    bool relu, const Tensor& prepared, ConvLayouts layouts, Precision precision) {
  const VerboseCall call = verbose_call("conv2d_forward", n, g);
  const Tensor kept = prepared.defined() ? prepared : prepare_filter(w, g, precision);
  if (conv2d_narrows(g, precision)) return tile_conv::forward(y, x, kept, b, n, g, relu, layouts);
  const float* filter = kept.defined() ? kept.data() : w;
  if (winograd::fits(g)) {
    if (!is_few(n)) return winograd::forward(y, x, filter, b, n, g, relu, layouts);
    for (Index i = 0; i < n; ++i) {
      winograd::forward_image(y + i * output_size(g), x + i * input_size(g), filter, b, g, relu, layouts);
    }
  } else if (is_few(n)) {
    for (Index i = 0; i < n; ++i) {
      conv2d_forward_image(y + i * output_size(g), x + i * input_size(g), filter, b, g, relu);
    }
  } else {
    reserve_scratch({forward_workspace_size(g)}, n);
    parallel_for(
        n, [&](Index i) { forward_image(y + i * output_size(g), x + i * input_size(g), filter, b, g, relu); });
  }
}

void conv2d_backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output,
                     const float* x, const float* w, Index n, const Conv2dGeometry& g, const Tensor& prepared,
                     ConvLayouts layouts, Precision precision) {
  const VerboseCall call = verbose_call("conv2d_backward", n, g);
  Tensor filter;
  if (gradients.dx != nullptr)
    filter = prepared.defined() ? prepared : prepare_transposed_filter(w, g, precision);
  if (conv2d_narrows(g, precision)) {
    tile_conv::backward(gradients, dy, relu_output, x, filter, n, g, layouts);
    return;
  }
  if (winograd::fits(g)) {
    winograd::backward(gradients, dy, relu_output, x, filter.defined() ? filter.data() : nullptr, n, g,
                       layouts);
    return;
  }
  backward_images(gradients, x, w, n, g, [&] {
    return [&](Index i) {
      const Index at = i * output_size(g);
      return ImageGradient{dy + at, relu_output != nullptr ? relu_output + at : nullptr};
    };
  });
}

bool conv2d_pools(const Conv2dGeometry& g) {
  return direct(g);
}

void conv2d_max_pool_forward(float* y, std::uint8_t* argmax, const float* x, const float* w, const float* b,
                             Index n, const Conv2dGeometry& g, bool relu, const Pool2dGeometry& pool) {
  const VerboseCall call = verbose_call("conv2d_max_pool_forward", n, g);
  const Index pooled = pooled_size(pool);
  if (is_few(n)) {
    for (Index i = 0; i < n; ++i) {
      conv2d_max_pool_forward_image(y + i * pooled, argmax + i * pooled, x + i * input_size(g), w, b, g, relu,
                                    pool);
    }
    return;
  }
  reserve_scratch({workspace_size(g), output_size(g)}, n);
  parallel_for(n, [&](Index i) {
    Tensor whole = Tensor::uninitialized({output_size(g)});
    forward_image(whole.mutable_data(), x + i * input_size(g), w, b, g, relu);
    kernels_in_use().max_pool2d_forward(y + i * pooled, argmax + i * pooled, whole.data(), pool);
  });
}

void conv2d_max_pool_backward(const Conv2dGradients& gradients, const float* dy, const PooledOutput& output,
                              const float* x, const float* w, Index n, const Conv2dGeometry& g,
                              const Pool2dGeometry& pool) {
  const VerboseCall call = verbose_call("conv2d_max_pool_backward", n, g);
  const Index pooled = pooled_size(pool);
  reserve_scratch({workspace_size(g), output_size(g), pooled}, n);
  backward_images(gradients, x, w, n, g, [&] {
    return [&, masked = Tensor::uninitialized({pooled}),
            whole = Tensor::uninitialized({output_size(g)})](Index i) mutable {
      const kernels::KernelTable& kernels = kernels_in_use();
      const float* dy_image = dy + i * pooled;
      if (output.y != nullptr) {
        // A maximum that is not above zero is one that ReLU has stopped.
        kernels.relu_backward(masked.mutable_data(), dy_image, output.y + i * pooled, pooled);
        dy_image = masked.data();
      }
      kernels.max_pool2d_backward(whole.mutable_data(), dy_image, output.argmax + i * pooled, pool);
      return ImageGradient{whole.data(), nullptr};
    };
  });
}

}  // namespace mien::ops
