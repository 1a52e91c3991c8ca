#include "ops/tile_conv.hpp"

#include <algorithm>

#include "ops/channels_last.hpp"
#include "ops/scratch.hpp"

namespace mien::ops::tile_conv {
namespace {

using kernels::TileConvKernels;

// Output pixels that the filters' gradient is summed over at a time: more than one image's where images are
// small, so that sums are seldom put aside.
constexpr Index kUnitPixels = 1024;

// Of an instruction set that has them.
const TileConvKernels& tiles() {
  return *kernels_in_use().tile_conv;
}

struct Plan {
  Index in, out;                // channels
  Index in_pixels, out_pixels;  // of one image
  Index weights;
  Index unit;  // images

  explicit Plan(const Conv2dGeometry& g)
      : in(g.in_channels),
        out(g.out_channels),
        in_pixels(g.in_height * g.in_width),
        out_pixels(g.out_height * g.out_width),
        weights(in * out * g.kernel_height * g.kernel_width),
        unit(std::max<Index>(1, kUnitPixels / out_pixels)) {}
  Index x_size() const { return in * in_pixels; }
  Index y_size() const { return out * out_pixels; }
};

// The convolution that makes the gradient of x from that of y.
Conv2dGeometry transposed(const Conv2dGeometry& g) {
  return {.in_channels = g.out_channels,
          .in_height = g.out_height,
          .in_width = g.out_width,
          .out_channels = g.in_channels,
          .out_height = g.in_height,
          .out_width = g.in_width,
          .kernel_height = g.kernel_height,
          .kernel_width = g.kernel_width,
          .stride = 1,
          .pad_top = g.kernel_height - 1 - g.pad_top,
          .pad_left = g.kernel_width - 1 - g.pad_left};
}

// From one image's gradient to those of its input, and, packed, to the filters'.
struct Backward {
  const Conv2dGeometry& g;
  const Conv2dGeometry g_transposed;
  const Plan& plan;
  Tensor filter;  // transposed
  float* dx;      // this and those below are of all images
  const float *dy, *relu_output, *x;
  ConvLayouts layouts;

  // Of the images [first, end), which are a unit at most; accumulates into dw [KH][KW][Cin][Cout] and, when
  // not null, db.
  void run(Index first, Index end, float* dw, float* db) const {
    const kernels::KernelTable& kernels = kernels_in_use();
    const Index images = end - first;
    Tensor image = Tensor::uninitialized({tiles().image_size(g)});
    Tensor x_room = Tensor::uninitialized({plan.x_size()}), y_room = Tensor::uninitialized({plan.y_size()});
    Tensor input = Tensor::uninitialized({tiles().input_size(g, plan.unit)});
    Tensor gradient = Tensor::uninitialized({tiles().gradient_size(g, plan.unit)});
    Tensor sums = Tensor::uninitialized({plan.out});
    for (Index i = 0; i < images; ++i) {
      const float* x_image = x + (first + i) * plan.x_size();
      tiles().image(image.mutable_data(),
                    channels_last(x_room, x_image, nullptr, 1, plan.in, plan.in_pixels, layouts.x), g);
      tiles().input(input.mutable_data(), image.data(), g, i, images);
      const Index at = (first + i) * plan.y_size();
      const float* dy_last = channels_last(y_room, dy + at, relu_output != nullptr ? relu_output + at : nullptr,
                                           1, plan.out, plan.out_pixels, layouts.y);
      if (db != nullptr) {
        kernels.sum_rows(sums.mutable_data(), dy_last, plan.out_pixels, plan.out);
        kernels.accumulate(db, sums.data(), plan.out);
      }
      tiles().gradient(gradient.mutable_data(), dy_last, g, i);
      if (dx != nullptr) input_gradient(dx + (first + i) * plan.x_size(), dy_last);
    }
    tiles().backward_weight(dw, input.data(), gradient.data(), images, g);
  }

  void input_gradient(float* dx_image, const float* dy_last) const {
    Tensor dy_packed = Tensor::uninitialized({tiles().image_size(g_transposed)});
    Tensor dx_room = Tensor::uninitialized({plan.x_size()});
    tiles().image(dy_packed.mutable_data(), dy_last, g_transposed);
    Results dx_last(dx_image, dx_room, plan.in, plan.in_pixels, layouts.x);
    tiles().forward(dx_last.data(), dy_packed.data(), filter.data(), nullptr, false, g_transposed);
    dx_last.finish(1);
  }

  void reserve(Index shards) const {
    reserve_scratch(
        {tiles().image_size(g), tiles().image_size(g_transposed), plan.x_size(), plan.x_size(), plan.y_size(),
         plan.out, tiles().input_size(g, plan.unit), tiles().gradient_size(g, plan.unit)},
        shards);
  }
};

// [KH][KW][Cin][Cout] to [Cout][Cin][KH][KW]
void to_filters(float* dw, const float* sums, const Conv2dGeometry& g) {
  const Index taps = g.kernel_height * g.kernel_width;
  parallel_for(g.in_channels, [&](Index c) {
    for (Index tap = 0; tap < taps; ++tap) {
      const float* from = sums + (tap * g.in_channels + c) * g.out_channels;
      for (Index k = 0; k < g.out_channels; ++k) dw[(k * g.in_channels + c) * taps + tap] = from[k];
    }
  });
}

}  // namespace

bool fits(const Conv2dGeometry& g, Precision precision) {
  return precision == Precision::bf16 && kernels_in_use().tile_conv != nullptr && tiles().fits(g);
}

Tensor pack_filter(const float* w, const Conv2dGeometry& g, bool transposed) {
  Tensor filter = Tensor::uninitialized({tiles().filter_size(g)});
  const Index outputs = transposed ? g.in_channels : g.out_channels;
  parallel_for(outputs / TileConvKernels::kTileChannels,
               [&](Index tile) { tiles().filter(filter.mutable_data(), w, g, transposed, tile, tile + 1); });
  return filter;
}

void forward(float* y, const float* x, const Tensor& filter, const float* b, Index n, const Conv2dGeometry& g,
             bool relu, ConvLayouts layouts) {
  const Plan plan(g);
  reserve_scratch({tiles().image_size(g), plan.x_size(), plan.y_size()}, n);
  parallel_for(n, [&](Index i) {
    Tensor image = Tensor::uninitialized({tiles().image_size(g)});
    Tensor x_room = Tensor::uninitialized({plan.x_size()}), y_room = Tensor::uninitialized({plan.y_size()});
    tiles().image(image.mutable_data(),
                  channels_last(x_room, x + i * plan.x_size(), nullptr, 1, plan.in, plan.in_pixels, layouts.x),
                  g);
    Results y_last(y + i * plan.y_size(), y_room, plan.out, plan.out_pixels, layouts.y);
    tiles().forward(y_last.data(), image.data(), filter.data(), b, relu, g);
    y_last.finish(1);
  });
}

void backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output, const float* x,
              const Tensor& transposed_filter, Index n, const Conv2dGeometry& g, ConvLayouts layouts) {
  const Plan plan(g);
  const Backward images{.g = g,
                        .g_transposed = transposed(g),
                        .plan = plan,
                        .filter = transposed_filter,
                        .dx = gradients.dx,
                        .dy = dy,
                        .relu_output = relu_output,
                        .x = x,
                        .layouts = layouts};
  const Index shards = std::max<Index>(1, std::min(n, gradients.sums));
  Tensor sums({shards, plan.weights + plan.out});
  images.reserve(shards);
  parallel_for(shards, [&](Index shard) {
    float* dw = sums.mutable_data() + shard * sums.dim(1);
    float* db = gradients.db != nullptr ? dw + plan.weights : nullptr;
    const Index end = (shard + 1) * n / shards;
    for (Index first = shard * n / shards; first < end; first += plan.unit) {
      images.run(first, std::min(end, first + plan.unit), dw, db);
    }
  });
  parallel_for_ranges(sums.dim(1), 1 << 12, [&](Index begin, Index end) {
    for (Index shard = 1; shard < shards; ++shard) {
      kernels_in_use().accumulate(sums.mutable_data() + begin, sums.data() + shard * sums.dim(1) + begin,
                                  end - begin);
    }
  });
  to_filters(gradients.dw, sums.data(), g);
  if (gradients.db != nullptr) std::copy_n(sums.data() + plan.weights, plan.out, gradients.db);
}

}  // namespace mien::ops::tile_conv
