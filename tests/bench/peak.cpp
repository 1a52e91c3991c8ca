// How fast this machine can multiply and move memory, measured with loops that do nothing else.
#include <string>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "bench.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/system.hpp"
#include "mien/core/tensor.hpp"

namespace mien::bench {
namespace {

constexpr Index kRounds = 4'000'000;
constexpr int kChains =
    12;  // enough sums to hide the latency of each; they start apart, or one would do for all

#if defined(__x86_64__)
__attribute__((target("avx512f"))) float multiply_add_avx512() {
  __m512 sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = _mm512_set1_ps(static_cast<float>(c));
  const __m512 x = _mm512_set1_ps(0.999f);
  for (Index i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sums[c] = _mm512_fmadd_ps(sums[c], x, x);
  }
  __m512 total = sums[0];
  for (int c = 1; c < kChains; ++c) total = _mm512_add_ps(total, sums[c]);
  return _mm512_cvtss_f32(total);
}

__attribute__((target("avx2,fma"))) float multiply_add_avx2() {
  __m256 sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = _mm256_set1_ps(static_cast<float>(c));
  const __m256 x = _mm256_set1_ps(0.999f);
  for (Index i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sums[c] = _mm256_fmadd_ps(sums[c], x, x);
  }
  __m256 total = sums[0];
  for (int c = 1; c < kChains; ++c) total = _mm256_add_ps(total, sums[c]);
  return _mm256_cvtss_f32(total);
}
#endif

float multiply_add_base() {
  using Four [[gnu::vector_size(16)]] = float;
  Four sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = Four{static_cast<float>(c)};
  const Four x = {0.999f, 0.999f, 0.999f, 0.999f};
  for (Index i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sums[c] = sums[c] * x + x;
  }
  Four total = sums[0];
  for (int c = 1; c < kChains; ++c) total += sums[c];
  return total[0];
}

struct MultiplyAdd {
  float (*run)();
  int lanes;
};

MultiplyAdd multiply_add() {
#if defined(__x86_64__)
  if (active_isa() == "avx512") return {multiply_add_avx512, 16};
  if (active_isa() == "avx2") return {multiply_add_avx2, 8};
#endif
  return {multiply_add_base, 4};
}

volatile float sink;  // results nobody reads would not be computed

constexpr Index kFloats = Index{64} << 20;  // 256 MB, beyond any cache
constexpr Index kGrain = Index{1} << 20;

float read_all(const float* x, Index n) {
  using Sixteen [[gnu::vector_size(64)]] = float;
  Sixteen sums[4] = {};
  for (Index i = 0; i < n; i += 64) {
    for (int c = 0; c < 4; ++c) sums[c] += *reinterpret_cast<const Sixteen*>(x + i + 16 * c);
  }
  return (sums[0] + sums[1] + sums[2] + sums[3])[0];
}

void update_all(float* x, Index n) {
  for (Index i = 0; i < n; ++i) x[i] = x[i] * 0.999f + 1.0f;
}

}  // namespace

Peak measure_peak() {
  constexpr int kRuns = 5;
  Peak peak;
  const MultiplyAdd kernel = multiply_add();
  const Index threads = thread_count();
  const Timing compute = measure(kRuns, 1, [&] { parallel_for(threads, [&](Index) { sink = kernel.run(); }); });
  peak.gflops = 2.0 * kRounds * kChains * kernel.lanes * static_cast<double>(threads) / compute.min_ms / 1e6;

  Tensor array = Tensor::full({kFloats}, 1.0f);
  const double gigabytes = kFloats * sizeof(float) / 1e9;
  const Timing reading = measure(kRuns, 1, [&] {
    parallel_for_ranges(kFloats, kGrain,
                        [&](Index begin, Index end) { sink = read_all(array.data() + begin, end - begin); });
  });
  peak.read_gb = gigabytes / (reading.min_ms / 1e3);
  const Timing updating = measure(kRuns, 1, [&] {
    parallel_for_ranges(kFloats, kGrain,
                        [&](Index begin, Index end) { update_all(array.mutable_data() + begin, end - begin); });
  });
  peak.update_gb = 2 * gigabytes / (updating.min_ms / 1e3);
  return peak;
}

}  // namespace mien::bench
