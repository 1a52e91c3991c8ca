#include "mien/core/sha256.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/sha256_rounds.hpp"
#include "mien/core/file.hpp"

namespace mien {

namespace {

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
      const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kSha256Rounds[t] + w[t];
      const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = std::exchange(g, std::exchange(f, std::exchange(e, d + t1)));
      d = std::exchange(c, std::exchange(b, std::exchange(a, t1 + t2)));
    }
    const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += added[i];
  }
}

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
