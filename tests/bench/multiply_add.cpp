#include "multiply_add.hpp"

#include "mien/core/system.hpp"

#if defined(__x86_64__)
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

// Of 16 x 16 sums over 32 values an instruction; six of the eight tiles hold sums, all of zero.
constexpr std::int64_t kTileRounds = 4'000;
constexpr int kTileChains = 6;
constexpr int kTileProducts = 16 * 16 * 32;

__attribute__((target("amx-tile,amx-bf16"))) float multiply_add_tiles() {
  struct alignas(64) {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  } configuration;
  asm volatile("ldtilecfg %0" ::"m"(configuration));
  for (std::int64_t i = 0; i < kTileRounds; ++i) {
    asm volatile(
        "tdpbf16ps %tmm7, %tmm6, %tmm0\n\ttdpbf16ps %tmm7, %tmm6, %tmm1\n\t"
        "tdpbf16ps %tmm7, %tmm6, %tmm2\n\ttdpbf16ps %tmm7, %tmm6, %tmm3\n\t"
        "tdpbf16ps %tmm7, %tmm6, %tmm4\n\ttdpbf16ps %tmm7, %tmm6, %tmm5");
  }
  asm volatile("tilerelease");
  return 0;
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
  if (active_isa().starts_with("avx512") || active_isa() == "amx") return kernel(multiply_add_avx512, 16);
  if (active_isa() == "avx2") return kernel(multiply_add_avx2, 8);
#endif
  return kernel(multiply_add_four, 4);
#endif
}

std::optional<MultiplyAdd> multiply_add_bf16() {
#if defined(__x86_64__)
  if (active_isa() == "avx512bf16") return kernel(multiply_add_avx512bf16, 32);
  if (active_isa() == "amx") return MultiplyAdd{multiply_add_tiles, kTileRounds * kTileChains * kTileProducts};
#endif
  return std::nullopt;
}

}  // namespace mien::bench
