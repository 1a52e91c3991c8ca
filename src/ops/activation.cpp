#include "ops/activation.hpp"

#include "mien/core/parallel.hpp"
#include "ops/kernels_in_use.hpp"

namespace mien::ops {
namespace {

constexpr Index kActivationGrain = 1 << 14;  // tens of microseconds of the slowest

}  // namespace

void activation_forward(Activation activation, float slope, float* y, const float* x, Index size) {
  const VerboseCall call(kernels::names_of(activation).forward, {size});
  parallel_for_ranges(size, kActivationGrain, [&](Index begin, Index end) {
    kernels_in_use().activation.forward(activation, slope, y + begin, x + begin, end - begin);
  });
}

void activation_backward(Activation activation, float slope, float* dx, const float* dy, const float* at,
                         Index size) {
  const VerboseCall call(kernels::names_of(activation).backward, {size});
  parallel_for_ranges(size, kActivationGrain, [&](Index begin, Index end) {
    kernels_in_use().activation.backward(activation, slope, dx + begin, dy + begin, at + begin, end - begin);
  });
}

void prelu_forward(float* y, const float* x, const float* slopes, Index n, Index channels, Index pixels) {
  const VerboseCall call("prelu_forward", {n, channels, pixels});
  parallel_for(channels, [&](Index c) {
    kernels_in_use().activation.prelu_forward(y, x, n, channels, pixels, c, slopes[c]);
  });
}

void prelu_backward(float* dx, float* dslopes, const float* dy, const float* x, const float* slopes, Index n,
                    Index channels, Index pixels) {
  const VerboseCall call("prelu_backward", {n, channels, pixels});
  parallel_for(channels, [&](Index c) {
    kernels_in_use().activation.prelu_backward(dx, dslopes + c, dy, x, n, channels, pixels, c, slopes[c]);
  });
}

}  // namespace mien::ops
