#include <atomic>
#include <vector>

#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {
namespace {

// Elements a chunk owns: 256 KiB of floats, a quarter of a second-level cache. A multiple of 4, so that
// dropout's random words are cut at whole blocks.
constexpr Index kGrain = 1 << 16;

}  // namespace

void relu_forward(float* y, const float* x, Index size) {
  const VerboseCall call("relu_forward", {size});
  parallel_for_ranges(size, kGrain, [&](Index begin, Index end) {
    kernels_in_use().relu_forward(y + begin, x + begin, end - begin);
  });
}

void relu_backward(float* dx, const float* dy, const float* y, Index size) {
  const VerboseCall call("relu_backward", {size});
  parallel_for_ranges(size, kGrain, [&](Index begin, Index end) {
    kernels_in_use().relu_backward(dx + begin, dy + begin, y + begin, end - begin);
  });
}

void dropout(float* y, const float* x, Index size, float rate, std::uint64_t key, Index first) {
  const VerboseCall call("dropout", {size});
  parallel_for_ranges(size, kGrain, [&](Index begin, Index end) {
    kernels_in_use().dropout(y + begin, x + begin, end - begin, rate, key,
                             static_cast<std::uint64_t>(first + begin));
  });
}

void softmax(float* y, const float* x, Index rows, Index columns) {
  kernels_in_use().softmax_rows(y, x, rows, columns);
}

void log_softmax(float* y, const float* x, Index rows, Index columns) {
  kernels_in_use().log_softmax_rows(y, x, rows, columns);
}

void sum_rows(float* sums, const float* x, Index rows, Index columns) {
  kernels_in_use().sum_rows(sums, x, rows, columns);
}

void accumulate(float* y, const float* x, Index size) {
  parallel_for_ranges(size, kGrain, [&](Index begin, Index end) {
    kernels_in_use().accumulate(y + begin, x + begin, end - begin);
  });
}

void scale(float* x, float factor, Index size) {
  parallel_for_ranges(size, kGrain,
                      [&](Index begin, Index end) { kernels_in_use().scale(x + begin, factor, end - begin); });
}

double sum_squares(const float* x, Index size) {
  std::vector<double> partial(static_cast<std::size_t>((size + kGrain - 1) / kGrain));
  parallel_for_ranges(size, kGrain, [&](Index begin, Index end) {
    partial[static_cast<std::size_t>(begin / kGrain)] = kernels_in_use().sum_squares(x + begin, end - begin);
  });
  double sum = 0;
  for (double value : partial) sum += value;
  return sum;
}

bool all_finite(const float* x, Index size) {
  std::atomic<bool> finite{true};
  parallel_for_ranges(size, kGrain, [&](Index begin, Index end) {
    if (!kernels_in_use().all_finite(x + begin, end - begin)) finite.store(false, std::memory_order_relaxed);
  });
  return finite.load();
}

void adam_chunk(float* w, float* m, float* v, const float* g, Index size, const AdamParameters& p) {
  kernels_in_use().adam(w, m, v, g, size, p);
}

void adam_half_chunk(float* w, std::uint16_t* m, std::uint16_t* v, const float* g, Index size,
                     const AdamParameters& p, const Dither& dither) {
  kernels_in_use().adam_half(w, m, v, g, size, p, dither);
}

void sgd_chunk(float* w, float* velocity, const float* g, Index size, const SgdParameters& p) {
  kernels_in_use().sgd(w, velocity, g, size, p);
}

}  // namespace mien::ops
