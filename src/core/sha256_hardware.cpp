// The processors' own instructions for SHA-256: those of x86-64 and of 64-bit ARM, where there are any.
#include "core/sha256_rounds.hpp"
#include "mien/core/sha256.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#endif

namespace mien::detail {

#if defined(__x86_64__)

namespace {

// SHA256RNDS2 keeps the eight words as two vectors, from high to low ABEF and CDGH, and does two rounds.
// Intel SDM volume 2, SHA256RNDS2, SHA256MSG1 and SHA256MSG2.
__attribute__((target("sha,sse4.1"))) void compress_sha_ni(std::array<std::uint32_t, 8>& state,
                                                           const std::byte* blocks, std::size_t count) {
  const __m128i swap_bytes = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  auto* words = reinterpret_cast<__m128i*>(state.data());
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  for (; count > 0; --count, blocks += 64) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    __m128i w[4];  // the last 16 words of the message schedule
    for (int i = 0; i < 16; ++i) {
      if (i < 4) {
        const auto* source = reinterpret_cast<const __m128i*>(blocks + 16 * i);
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128(source), swap_bytes);
      } else {
        const __m128i last = w[(i + 3) % 4];
        const __m128i seven_back = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
        const __m128i partial = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
        w[i % 4] = _mm_sha256msg2_epu32(_mm_add_epi32(partial, seven_back), last);
      }
      const auto* rounds = reinterpret_cast<const __m128i*>(kSha256Rounds.data() + 4 * i);
      const __m128i sum = _mm_add_epi32(w[i % 4], _mm_load_si128(rounds));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

// Asked directly: __builtin_cpu_supports knows "sha" in some compilers only.
bool has_sha_instructions() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
  const bool has_sse41 = (ecx & bit_SSSE3) != 0 && (ecx & bit_SSE4_1) != 0;
  return has_sse41 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & bit_SHA) != 0;
}

}  // namespace

Sha256Compress sha256_compress_hardware() {
  return has_sha_instructions() ? compress_sha_ni : nullptr;
}

// Clang before 16 has these instructions only where all of the build may use them.
#elif defined(__aarch64__) && (defined(__ARM_FEATURE_SHA2) || !defined(__clang__) || __clang_major__ >= 16)

namespace {

// SHA256H and SHA256H2 do four rounds on the words ABCD and EFGH: Arm Architecture Reference Manual, C7.2.
__attribute__((target("+crypto"))) void compress_sha2(std::array<std::uint32_t, 8>& state,
                                                      const std::byte* blocks, std::size_t count) {
  uint32x4_t abcd = vld1q_u32(state.data()), efgh = vld1q_u32(state.data() + 4);
  for (; count > 0; --count, blocks += 64) {
    const uint32x4_t abcd_before = abcd, efgh_before = efgh;
    uint32x4_t w[4];  // the last 16 words of the message schedule
    for (int i = 0; i < 16; ++i) {
      if (i < 4) {
        w[i] =
            vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(reinterpret_cast<const std::uint8_t*>(blocks) + 16 * i)));
      } else {
        const uint32x4_t partial = vsha256su0q_u32(w[i % 4], w[(i + 1) % 4]);
        w[i % 4] = vsha256su1q_u32(partial, w[(i + 2) % 4], w[(i + 3) % 4]);
      }
      const uint32x4_t sum = vaddq_u32(w[i % 4], vld1q_u32(kSha256Rounds.data() + 4 * i));
      const uint32x4_t abcd_now = abcd;
      abcd = vsha256hq_u32(abcd_now, efgh, sum);
      efgh = vsha256h2q_u32(efgh, abcd_now, sum);
    }
    abcd = vaddq_u32(abcd, abcd_before);
    efgh = vaddq_u32(efgh, efgh_before);
  }
  vst1q_u32(state.data(), abcd);
  vst1q_u32(state.data() + 4, efgh);
}

bool has_sha_instructions() {
#if defined(__ARM_FEATURE_SHA2)
  return true;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0;
#else
  return false;
#endif
}

}  // namespace

Sha256Compress sha256_compress_hardware() {
  return has_sha_instructions() ? compress_sha2 : nullptr;
}

#else

Sha256Compress sha256_compress_hardware() {
  return nullptr;
}

#endif

}  // namespace mien::detail
