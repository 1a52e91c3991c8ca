#include "mien/core/sha256.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "mien/core/file.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace mien {

namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
alignas(16) constexpr std::array<std::uint32_t, 64> kRounds = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t load_big_endian(const std::byte* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

void compress(std::array<std::uint32_t, 8>& state, const std::byte* blocks, std::size_t count) {
  static const detail::Sha256Compress kHardware = detail::sha256_compress_hardware();
  (kHardware != nullptr ? kHardware : detail::sha256_compress_scalar)(state, blocks, count);
}

}  // namespace

namespace detail {

// The names are those of FIPS 180-4, section 6.2.2.
void sha256_compress_scalar(std::array<std::uint32_t, 8>& state, const std::byte* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += 64) {
    std::array<std::uint32_t, 64> w;
    for (std::size_t t = 0; t < 16; ++t) w[t] = load_big_endian(blocks + 4 * t);
    for (std::size_t t = 16; t < 64; ++t) {
      const std::uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
      const std::uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t t = 0; t < 64; ++t) {
      const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRounds[t] + w[t];
      const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = std::exchange(g, std::exchange(f, std::exchange(e, d + t1)));
      d = std::exchange(c, std::exchange(b, std::exchange(a, t1 + t2)));
    }
    const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += added[i];
  }
}

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
      const auto* rounds = reinterpret_cast<const __m128i*>(kRounds.data() + 4 * i);
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

#else

Sha256Compress sha256_compress_hardware() {
  return nullptr;
}

#endif

}  // namespace detail

void Sha256::update(std::span<const std::byte> bytes) {
  const std::size_t held = total_bytes_ % kBlockBytes;
  total_bytes_ += bytes.size();
  if (held > 0) {
    const std::size_t taken = std::min(kBlockBytes - held, bytes.size());
    std::copy_n(bytes.begin(), taken, rest_.begin() + static_cast<std::ptrdiff_t>(held));
    bytes = bytes.subspan(taken);
    if (held + taken < kBlockBytes) return;
    compress(state_, rest_.data(), 1);
  }
  const std::size_t blocks = bytes.size() / kBlockBytes;
  compress(state_, bytes.data(), blocks);
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(blocks * kBlockBytes), bytes.end(), rest_.begin());
}

Sha256Digest Sha256::finish() {
  // A one bit, zeros, and the length in bits as 8 bytes, to the end of a block.
  std::array<std::byte, 2 * kBlockBytes> padding{std::byte{0x80}};
  const std::size_t held = total_bytes_ % kBlockBytes;
  const std::size_t zeros_end = (held < kBlockBytes - 8 ? kBlockBytes : 2 * kBlockBytes) - held;
  const std::uint64_t bits = total_bytes_ * 8;
  for (std::size_t i = 0; i < 8; ++i) padding[zeros_end - 1 - i] = static_cast<std::byte>(bits >> (8 * i));
  update(std::span(padding).first(zeros_end));

  Sha256Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }
  *this = Sha256();
  return digest;
}

std::string to_hex(const Sha256Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return to_hex(hash.finish());
}

std::string sha256_file_hex(const std::filesystem::path& path) {
  Sha256 hash;
  read_in_pieces(path, [&](std::span<const std::byte> piece) { hash.update(piece); });
  return to_hex(hash.finish());
}

}  // namespace mien
