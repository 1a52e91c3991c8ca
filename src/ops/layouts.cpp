#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {

void to_channels_first(float* y, const float* x, Index n, Index channels, Index pixels) {
  const VerboseCall call("to_channels_first", {n, channels, pixels});
  const Index image = channels * pixels;
  parallel_for(
      n, [&](Index i) { kernels_in_use().from_channels_last(y + i * image, x + i * image, channels, pixels); });
}

void to_channels_last(float* y, const float* x, Index n, Index channels, Index pixels) {
  const VerboseCall call("to_channels_last", {n, channels, pixels});
  const Index image = channels * pixels;
  parallel_for(n, [&](Index i) {
    kernels_in_use().to_channels_last(y + i * image, x + i * image, nullptr, channels, pixels);
  });
}

}  // namespace mien::ops
