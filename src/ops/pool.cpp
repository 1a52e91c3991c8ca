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

VerboseCall verbose_call(const char* name, Index n, const Pool2dGeometry& g) {
  return {name, {n, g.planes, g.in_height, g.in_width, g.kernel, g.stride}};
}

}  // namespace

void max_pool2d_forward(float* y, std::uint8_t* argmax, const float* x, Index n, const Pool2dGeometry& g) {
  const VerboseCall call = verbose_call("max_pool2d_forward", n, g);
  parallel_for(n, [&](Index i) {
    kernels_in_use().max_pool2d_forward(y + i * output_size(g), argmax + i * output_size(g),
                                        x + i * input_size(g), g);
  });
}

void max_pool2d_backward(float* dx, const float* dy, const std::uint8_t* argmax, Index n,
                         const Pool2dGeometry& g) {
  const VerboseCall call = verbose_call("max_pool2d_backward", n, g);
  parallel_for(n, [&](Index i) {
    kernels_in_use().max_pool2d_backward(dx + i * input_size(g), dy + i * output_size(g),
                                         argmax + i * output_size(g), g);
  });
}

void avg_pool2d_forward(float* y, const float* x, Index n, const Pool2dGeometry& g) {
  const VerboseCall call = verbose_call("avg_pool2d_forward", n, g);
  parallel_for(n, [&](Index i) {
    kernels_in_use().avg_pool2d_forward(y + i * output_size(g), x + i * input_size(g), g);
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
  for (Index plane = 0; plane < planes; ++plane) {
    double sum = 0;
    for (Index i = plane * pixels; i < (plane + 1) * pixels; ++i) sum += double{x[i]};
    y[plane] = static_cast<float>(sum / static_cast<double>(pixels));
  }
}

void global_avg_pool_backward(float* dx, const float* dy, Index planes, Index pixels) {
  const VerboseCall call("global_avg_pool_backward", {planes, pixels});
  for (Index plane = 0; plane < planes; ++plane) {
    const float share = dy[plane] / static_cast<float>(pixels);
    for (Index i = plane * pixels; i < (plane + 1) * pixels; ++i) dx[i] = share;
  }
}

}  // namespace mien::ops
