// The processors' own instructions for CRC-32: products without carry on x86-64, whole steps on 64-bit ARM.
#include "core/crc32_steps.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#include <array>
#elif defined(__aarch64__) && (defined(__ARM_FEATURE_CRC32) || !defined(__clang__) || __clang_major__ >= 16)
#include <arm_acle.h>

#include <cstring>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#endif

namespace mien::detail {

#if defined(__x86_64__)

namespace {

// Gopal et al. 2009, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction": 16 bytes are
// moved on by 64 or 16, that is multiplied by a power of x, as two products of 64 bits, and added to those that
// lie there.
__attribute__((target("pclmul,sse2"))) inline __m128i moved_on(__m128i bytes, __m128i powers) {
  return _mm_xor_si128(_mm_clmulepi64_si128(bytes, powers, 0x00), _mm_clmulepi64_si128(bytes, powers, 0x11));
}

__attribute__((target("pclmul,sse2"))) inline __m128i load(const std::uint8_t* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

__attribute__((target("pclmul,sse2"))) std::uint32_t step_pclmul(std::uint32_t crc,
                                                                 std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 64) return crc32_step_plain(crc, bytes);
  // x to the power of 8 * 64 + 32 and 8 * 64 - 32, and of 8 * 16 + 32 and 8 * 16 - 32, reduced and reflected.
  const __m128i by_64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i by_16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const std::uint8_t* at = bytes.data();
  const std::uint8_t* const end = at + bytes.size();
  __m128i a = _mm_xor_si128(load(at), _mm_cvtsi32_si128(static_cast<int>(crc)));
  __m128i b = load(at + 16), c = load(at + 32), d = load(at + 48);
  for (at += 64; end - at >= 64; at += 64) {
    a = _mm_xor_si128(moved_on(a, by_64), load(at));
    b = _mm_xor_si128(moved_on(b, by_64), load(at + 16));
    c = _mm_xor_si128(moved_on(c, by_64), load(at + 32));
    d = _mm_xor_si128(moved_on(d, by_64), load(at + 48));
  }
  b = _mm_xor_si128(moved_on(a, by_16), b);
  c = _mm_xor_si128(moved_on(b, by_16), c);
  d = _mm_xor_si128(moved_on(c, by_16), d);
  for (; end - at >= 16; at += 16) d = _mm_xor_si128(moved_on(d, by_16), load(at));
  // What is left stands for all bytes before it.
  std::array<std::uint8_t, 16> left;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(left.data()), d);
  return crc32_step_plain(crc32_step_plain(0, left), bytes.last(static_cast<std::size_t>(end - at)));
}

}  // namespace

Crc32Step crc32_step_hardware() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  const bool there = __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_PCLMUL) != 0;
  return there ? step_pclmul : nullptr;
}

// Clang before 16 has these instructions only where all of the build may use them.
#elif defined(__aarch64__) && (defined(__ARM_FEATURE_CRC32) || !defined(__clang__) || __clang_major__ >= 16)

namespace {

__attribute__((target("+crc"))) std::uint32_t step_crc(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), 8);
    crc = __crc32d(crc, eight);
  }
  for (const std::uint8_t byte : bytes) crc = __crc32b(crc, byte);
  return crc;
}

bool has_crc_instructions() {
#if defined(__ARM_FEATURE_CRC32)
  return true;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#else
  return false;
#endif
}

}  // namespace

Crc32Step crc32_step_hardware() {
  return has_crc_instructions() ? step_crc : nullptr;
}

#else

Crc32Step crc32_step_hardware() {
  return nullptr;
}

#endif

}  // namespace mien::detail
