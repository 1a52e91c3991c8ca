#include "ops/depthwise.hpp"

#include <algorithm>

#include "ops/kernels_in_use.hpp"
#include "ops/scratch.hpp"

namespace mien::ops {
namespace {

// Values of input and output that a chunk reads and writes at least: small planes are taken several at a time.
constexpr Index kChunkValues = 1 << 14;

Index in_pixels(const DepthwiseGeometry& g) {
  return g.in_height * g.in_width;
}
Index out_pixels(const DepthwiseGeometry& g) {
  return g.out_height * g.out_width;
}
Index planes_of_chunk(Index planes_each, const DepthwiseGeometry& g) {
  const Index values = planes_each * (in_pixels(g) + out_pixels(g));
  return std::max<Index>(1, kChunkValues / std::max<Index>(1, values));
}

VerboseCall verbose_call(const char* name, Index n, const DepthwiseGeometry& g) {
  return {name, {n, g.planes, g.in_height, g.in_width, g.kernel, g.stride}};
}

}  // namespace

void depthwise_forward(float* y, const float* x, const float* w, const float* b, Index n,
                       const DepthwiseGeometry& g, bool relu) {
  const VerboseCall call = verbose_call("depthwise_forward", n, g);
  const Index room = kernels_in_use().depthwise.workspace(g);
  for_ranges_with_scratch(
      n * g.planes, planes_of_chunk(1, g), room, [&](Index begin, Index end, float* workspace) {
        for (Index plane = begin; plane < end;) {
          const Index channel = plane % g.planes;
          DepthwiseGeometry part = g;
          part.planes = std::min(end - plane, g.planes - channel);
          kernels_in_use().depthwise.forward(y + plane * out_pixels(g), x + plane * in_pixels(g),
                                             w + channel * g.kernel * g.kernel,
                                             b != nullptr ? b + channel : nullptr, relu, part, workspace);
          plane += part.planes;
        }
      });
}

void depthwise_backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output,
                        const float* x, const float* w, Index n, const DepthwiseGeometry& g) {
  const VerboseCall call = verbose_call("depthwise_backward", n, g);
  const Index taps = g.kernel * g.kernel;
  const Index room = kernels_in_use().depthwise.workspace(g);
  for_ranges_with_scratch(g.planes, planes_of_chunk(n, g), room, [&](Index begin, Index end, float* workspace) {
    for (Index c = begin; c < end; ++c) {
      kernels_in_use().depthwise.backward(gradients.dx, gradients.dw + c * taps,
                                          gradients.db != nullptr ? gradients.db + c : nullptr, dy, relu_output,
                                          x, w + c * taps, n, c, g, workspace);
    }
  });
}

}  // namespace mien::ops
