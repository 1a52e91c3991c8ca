// How fast this machine can multiply and move memory, measured with loops that do nothing else.
#include "peak.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "bench.hpp"
#include "core/processors.hpp"
#include "machine.hpp"
#include "mien/core/memory.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/system.hpp"
#include "mien/core/tensor.hpp"
#include "undisturbed.hpp"

namespace mien::bench {
namespace {

// Enough sums to hide the latency of each; they start apart, or one would do for all.
constexpr int kChains = 12;
constexpr Index kRounds = 200'000;  // half a millisecond or so

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

__attribute__((target("avx512f,avx512bf16"))) float multiply_add_bf16() {
  __m512 sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = _mm512_set1_ps(static_cast<float>(c));
  const auto x = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3f7f));  // 0.996
  for (Index i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sums[c] = _mm512_dpbf16_ps(sums[c], x, x);
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
  int products;  // of one instruction
};

MultiplyAdd multiply_add() {
#if defined(__x86_64__)
  if (active_isa().starts_with("avx512")) return {multiply_add_avx512, 16};
  if (active_isa() == "avx2") return {multiply_add_avx2, 8};
#endif
  return {multiply_add_base, 4};
}

std::atomic<float> sink;  // results nobody reads would not be computed

// More threads than processors take turns: while one runs, it has the processor for itself.
double working_threads() {
  return std::min(thread_count(), detail::usable_processors());
}

struct Gflops {
  double sustained, burst;
};

Gflops measure_gflops(const MultiplyAdd& kernel) {
  const std::vector<double> times = undisturbed_ms([&] { sink = kernel.run(); });
  const double gflop = 2e-9 * kRounds * kChains * kernel.products * working_threads();
  return {.sustained = gflop / median(times) * 1e3,
          .burst = gflop / *std::min_element(times.begin(), times.end()) * 1e3};
}

double measure_bf16_gflops() {
#if defined(__x86_64__)
  if (active_isa() == "avx512bf16") return measure_gflops({multiply_add_bf16, 32}).sustained;
#endif
  return 0;
}

constexpr Index kPartFloats = Index{1} << 18;  // of an array, what a thread takes at once

void read_all(const float* x) {
  using Sixteen [[gnu::vector_size(64)]] = float;
  Sixteen sums[4] = {};
  for (Index i = 0; i < kPartFloats; i += 64) {
    for (int c = 0; c < 4; ++c) sums[c] += *reinterpret_cast<const Sixteen*>(x + i + 16 * c);
  }
  sink = (sums[0] + sums[1] + sums[2] + sums[3])[0];
}

void update_all(float* x) {
  for (Index i = 0; i < kPartFloats; ++i) x[i] = x[i] * 0.999f + 1.0f;
}

// Gigabytes of the array that pass a second; threads take its parts in turns, again and again.
template <typename Pass>
double measure_gb(Tensor& array, Pass pass) {
  const Index parts = array.size() / kPartFloats;
  float* const values = array.mutable_data();
  std::atomic<Index> next = 0;
  const std::vector<double> times = undisturbed_ms([&] { pass(values + next++ % parts * kPartFloats); });
  return kPartFloats * sizeof(float) * working_threads() / median(times) / 1e6;
}

void measure_memory(Peak& peak) {
  constexpr Index kPartBytes = kPartFloats * static_cast<Index>(sizeof(float));
  peak.cache_bytes = last_level_cache_bytes();
  const Index bytes = array_bytes(peak.cache_bytes, available_memory_bytes());
  const Index parts = std::max<Index>(1, (bytes + kPartBytes - 1) / kPartBytes);
  peak.array_bytes = parts * kPartBytes;
  Tensor array = Tensor::full({parts * kPartFloats}, 1.0f);
  peak.read_gb = measure_gb(array, read_all);
  peak.update_gb = 2 * measure_gb(array, update_all);
}

}  // namespace

bool Peak::beyond_caches() const {
  return cache_bytes > 0 && array_bytes >= kArrayPerCache * cache_bytes;
}

Peak measure_peak() {
  Peak peak;
  const Gflops gflops = measure_gflops(multiply_add());
  peak.gflops = gflops.sustained;
  peak.burst_gflops = gflops.burst;
  peak.bf16_gflops = measure_bf16_gflops();
  peak.has_bf16_tiles = has_bf16_tiles();
  measure_memory(peak);
  release_cached_memory();  // the array
  return peak;
}

}  // namespace mien::bench
