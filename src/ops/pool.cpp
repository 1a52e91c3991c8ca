#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {
namespace {

Index input_size(const Pool2dGeometry& g) {
  return g.planes * g.in_height * g.in_width;
}
Index output_size(const Pool2dGeometry& g) {
  return g.planes * g.out_height * g.out_width;
}

// Calls part(first value of x, of y, geometry) for groups of planes of all images.
template <typename Part>
void for_each_group(Index n, const Pool2dGeometry& g, Part part) {
  constexpr Index kPlanes = 8;
  parallel_for_ranges(n * g.planes, kPlanes, [&](Index begin, Index end) {
    Pool2dGeometry group = g;
    group.planes = end - begin;
    part(begin * g.in_height * g.in_width, begin * g.out_height * g.out_width, group);
  });
}

// Planes of a chunk of global pooling: several times as many as are summed side by side.
constexpr Index kGlobalPlanes = 64;

VerboseCall verbose_call(const char* name, Index n, const Pool2dGeometry& g) {
  return {name, {n, g.planes, g.in_height, g.in_width, g.kernel, g.stride}};
}

}  // namespace

void max_pool2d_forward(float* y, std::uint8_t* argmax, const float* x, Index n, const Pool2dGeometry& g,
                        Layout layout) {
  const VerboseCall call = verbose_call("max_pool2d_forward", n, g);
  if (layout == Layout::channels_last) {
    return parallel_for(n, [&](Index i) {
      kernels_in_use().max_pool2d_rows_forward(y + i * output_size(g), argmax + i * output_size(g),
                                               x + i * input_size(g), g);
    });
  }
  for_each_group(n, g, [&](Index from, Index to, const Pool2dGeometry& group) {
    kernels_in_use().max_pool2d_forward(y + to, argmax + to, x + from, group);
  });
}

void max_pool2d_backward(float* dx, const float* dy, const std::uint8_t* argmax, Index n,
                         const Pool2dGeometry& g, Layout layout) {
  const VerboseCall call = verbose_call("max_pool2d_backward", n, g);
  const kernels::KernelTable& kernels = kernels_in_use();
  const auto backward =
      layout == Layout::channels_last ? kernels.max_pool2d_rows_backward : kernels.max_pool2d_backward;
  parallel_for(n, [&](Index i) {
    backward(dx + i * input_size(g), dy + i * output_size(g), argmax + i * output_size(g), g);
  });
}

void avg_pool2d_forward(float* y, const float* x, Index n, const Pool2dGeometry& g) {
  const VerboseCall call = verbose_call("avg_pool2d_forward", n, g);
  for_each_group(n, g, [&](Index from, Index to, const Pool2dGeometry& group) {
    kernels_in_use().avg_pool2d_forward(y + to, x + from, group);
  });
}

void avg_pool2d_backward(float* dx, const float* dy, Index n, const Pool2dGeometry& g) {
  const VerboseCall call = verbose_call("avg_pool2d_backward", n, g);
  parallel_for(n, [&](Index i) {
    kernels_in_use().avg_pool2d_backward(dx + i * input_size(g), dy + i * output_size(g), g);
  });
}

void global_avg_pool_forward(float* y, const float* x, Index planes, Index pixels) {
  const VerboseCall call("global_avg_pool_forward", {planes, pixels});
  parallel_for_ranges(planes, kGlobalPlanes, [&](Index begin, Index end) {
    kernels_in_use().global_avg_pool_forward(y + begin, x + begin * pixels, end - begin, pixels);
  });
}

void global_avg_pool_backward(float* dx, const float* dy, Index planes, Index pixels) {
  const VerboseCall call("global_avg_pool_backward", {planes, pixels});
  parallel_for_ranges(planes, kGlobalPlanes, [&](Index begin, Index end) {
    kernels_in_use().global_avg_pool_backward(dx + begin * pixels, dy + begin, end - begin, pixels);
  });
}

}  // namespace mien::ops
