// How fast this machine can multiply and move memory, measured with loops that do nothing else.
#include <algorithm>
#include <atomic>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "bench.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/system.hpp"
#include "mien/core/tensor.hpp"

namespace mien::bench {
namespace {

// Enough sums to hide the latency of each; they start apart, or one would do for all.
constexpr int kChains = 12;
constexpr Index kRounds = 200'000;  // half a millisecond or so
constexpr Index kChunksPerThread = 8;
// Best of so many short runs: what disturbs a run only ever makes it slower, and on a machine with neighbors
// some fall between the disturbances.
constexpr int kRuns = 50;

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
  if (active_isa().starts_with("avx512")) return {multiply_add_avx512, 16};
  if (active_isa() == "avx2") return {multiply_add_avx2, 8};
#endif
  return {multiply_add_base, 4};
}

std::atomic<float> sink;  // results nobody reads would not be computed

// 256 MB in parts of 64 MB, both beyond any cache; a run takes the next part.
constexpr Index kFloats = Index{64} << 20;
constexpr Index kPartFloats = kFloats / 4;
constexpr Index kGrain = Index{1} << 18;

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

// The best rate of a chunk, times the threads: with neighbors two threads may have to share a processor all
// along. The first and last chunks do not count. They may run while other threads have nothing to do, and
// hyperthreads are faster alone.
double measure_gflops() {
  const MultiplyAdd kernel = multiply_add();
  const Index threads = thread_count();
  const Index chunks = kChunksPerThread * threads;
  std::vector<double> chunk_ms(static_cast<std::size_t>(chunks));
  double best_ms = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    parallel_for(chunks, [&](Index i) {
      chunk_ms[static_cast<std::size_t>(i)] = measure(1, 0, [&] { sink = kernel.run(); }).min_ms;
    });
    best_ms = std::min(best_ms, *std::min_element(chunk_ms.begin() + threads, chunk_ms.end() - threads));
  }
  return 2.0 * kRounds * kChains * kernel.lanes * static_cast<double>(threads) / best_ms / 1e6;
}

// Gigabytes of the array that pass a second; pass(values, count).
template <typename Pass>
double measure_gb(float* array, Pass pass) {
  Index part = 0;
  const Timing timing = measure(kRuns, 4, [&] {
    float* const values = array + part * kPartFloats;
    part = (part + 1) % (kFloats / kPartFloats);
    parallel_for_ranges(kPartFloats, kGrain,
                        [&](Index begin, Index end) { pass(values + begin, end - begin); });
  });
  return kPartFloats * sizeof(float) / timing.min_ms / 1e6;
}

}  // namespace

Peak measure_peak() {
  Tensor array = Tensor::full({kFloats}, 1.0f);
  Peak peak;
  peak.gflops = measure_gflops();
  peak.read_gb = measure_gb(array.mutable_data(), [](const float* x, Index n) { sink = read_all(x, n); });
  peak.update_gb = 2 * measure_gb(array.mutable_data(), update_all);
  return peak;
}

}  // namespace mien::bench
