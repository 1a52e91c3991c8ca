// SHA-256 (FIPS 180-4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace mien {

/// The 32 bytes of a SHA-256 hash.
using Sha256Digest = std::array<std::uint8_t, 32>;

/// Bytes in any pieces, then the digest. Uses the processor's SHA instructions where there are any.
class Sha256 {
 public:
  /// The next bytes.
  void update(std::span<const std::byte> bytes);
  /// The next bytes, as text.
  void update(std::string_view text) { update(std::as_bytes(std::span<const char>(text))); }
  /// The digest of everything so far; starts over.
  Sha256Digest finish();

 private:
  static constexpr std::size_t kBlockBytes = 64;
  // The first 32 bits of the fractional parts of the square roots of the first 8 primes.
  static constexpr std::array<std::uint32_t, 8> kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

  std::array<std::uint32_t, 8> state_ = kInitial;
  std::array<std::byte, kBlockBytes> rest_{};  // what does not fill a block yet
  std::uint64_t total_bytes_ = 0;
};

/// 64 lower-case hexadecimal digits.
std::string to_hex(const Sha256Digest& digest);
/// The hash of a text, as such digits.
std::string sha256_hex(std::string_view text);
/// Of a file's bytes. Throws DataError when it cannot be read.
std::string sha256_file_hex(const std::filesystem::path& path);

namespace detail {
using Sha256Compress = void (*)(std::array<std::uint32_t, 8>& state, const std::byte* blocks,
                                std::size_t count);
/// Adds `count` blocks of 64 bytes to `state`.
void sha256_compress_scalar(std::array<std::uint32_t, 8>& state, const std::byte* blocks, std::size_t count);
/// The same with the processor's instructions; nullptr when it has none.
Sha256Compress sha256_compress_hardware();
}  // namespace detail

}  // namespace mien
