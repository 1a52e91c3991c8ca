#include "multiply_add.hpp"

#include "mien/core/system.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace mien::bench {
namespace {

constexpr std::int64_t kRounds = 200'000;

#if defined(__aarch64__)

// As below; up to four units with a latency of four each.
constexpr int kChains = 16;

float multiply_add_neon() {
  float32x4_t sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = vdupq_n_f32(static_cast<float>(c));
  const float32x4_t x = vdupq_n_f32(0.999f);
  for (std::int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < kChains; ++c) sums[c] = vfmaq_f32(sums[c], x, x);
  }
  float32x4_t total = sums[0];
  for (int c = 1; c < kChains; ++c) total = vaddq_f32(total, sums[c]);
  return vgetq_lane_f32(total, 0);
}

#else

// Enough sums to hide the latency of each; they start apart, or one would do for all.
constexpr int kChains = 12;

#if defined(__x86_64__)
__attribute__((target("avx512f"))) float multiply_add_avx512() {
  __m512 sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = _mm512_set1_ps(static_cast<float>(c));
  const __m512 x = _mm512_set1_ps(0.999f);
  for (std::int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sums[c] = _mm512_fmadd_ps(sums[c], x, x);
  }
  __m512 total = sums[0];
  for (int c = 1; c < kChains; ++c) total = _mm512_add_ps(total, sums[c]);
  return _mm512_cvtss_f32(total);
}

__attribute__((target("avx512f,avx512bf16"))) float multiply_add_avx512bf16() {
  __m512 sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = _mm512_set1_ps(static_cast<float>(c));
  const auto x = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3f7f));  // 0.996
  for (std::int64_t i = 0; i < kRounds; ++i) {
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
  for (std::int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sums[c] = _mm256_fmadd_ps(sums[c], x, x);
  }
  __m256 total = sums[0];
  for (int c = 1; c < kChains; ++c) total = _mm256_add_ps(total, sums[c]);
  return _mm256_cvtss_f32(total);
}
#endif

float multiply_add_four() {
  using Four [[gnu::vector_size(16)]] = float;
  Four sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = Four{static_cast<float>(c)};
  const Four x = {0.999f, 0.999f, 0.999f, 0.999f};
  for (std::int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sums[c] = sums[c] * x + x;
  }
  Four total = sums[0];
  for (int c = 1; c < kChains; ++c) total += sums[c];
  return total[0];
}

#endif

// `lanes` products of each instruction.
MultiplyAdd kernel(float (*run)(), int lanes) {
  return {run, kRounds * kChains * lanes};
}

}  // namespace

MultiplyAdd multiply_add() {
#if defined(__aarch64__)
  return kernel(multiply_add_neon, 4);
#else
#if defined(__x86_64__)
  if (active_isa().starts_with("avx512")) return kernel(multiply_add_avx512, 16);
  if (active_isa() == "avx2") return kernel(multiply_add_avx2, 8);
#endif
  return kernel(multiply_add_four, 4);
#endif
}

std::optional<MultiplyAdd> multiply_add_bf16() {
#if defined(__x86_64__)
  if (active_isa() == "avx512bf16") return kernel(multiply_add_avx512bf16, 32);
#endif
  return std::nullopt;
}

bool has_bf16_tiles() {
#if defined(__x86_64__)
  constexpr unsigned int kBf16 = 1u << 22, kTiles = 1u << 24;  // of edx of leaf 7
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kBf16) != 0 && (edx & kTiles) != 0;
#else
  return false;
#endif
}

}  // namespace mien::bench
