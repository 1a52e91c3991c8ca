#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {
namespace {

// Columns of the result a chunk owns: wide enough for the matrix product to run near its best speed,
// narrow enough that two threads share the smallest layers.
constexpr Index kPanel = 256;

}  // namespace

void dense_forward(float* y, const float* x, const float* w, const float* b, Index n, Index in, Index out) {
  const VerboseCall call("dense_forward", {n, in, out});
  parallel_for_ranges(out, kPanel, [&](Index begin, Index end) {
    kernels_in_use().gemm(false, false, n, end - begin, in, x, in, w + begin, out, y + begin, out, false);
  });
  if (b != nullptr) kernels_in_use().add_row_bias(y, b, n, out);
}

void dense_backward_input(float* dx, const float* dy, const float* w, Index n, Index in, Index out) {
  const VerboseCall call("dense_backward_input", {n, in, out});
  parallel_for_ranges(in, kPanel, [&](Index begin, Index end) {
    kernels_in_use().gemm(false, true, n, end - begin, out, dy, out, w + begin * out, out, dx + begin, in,
                          false);
  });
}

void product_rows(float* g, const float* x, const float* d, Index n, Index in, Index out, Index row_begin,
                  Index row_end) {
  kernels_in_use().gemm(true, false, row_end - row_begin, out, n, x + row_begin, in, d, out, g, out, false);
}

}  // namespace mien::ops
