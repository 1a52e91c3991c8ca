#include "mien/core/crc32.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/byte_order.hpp"
#include "core/crc32_steps.hpp"
#include "mien/core/parallel.hpp"

namespace mien {
namespace {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

// Table k holds the effect of a byte that is followed by k zero bytes, so that eight bytes go at once.
constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? detail::kCrc32Polynomial : 0u);
    tables[0][i] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 255];
    }
  }
  return tables;
}
constexpr CrcTables kCrc = make_crc_tables();

// Polynomials of degree below 32, the coefficient of x^0 in the highest bit, as the register has them.
constexpr std::uint32_t kOne = std::uint32_t{1} << 31;
constexpr std::uint32_t kX8 = std::uint32_t{1} << 23;

constexpr std::uint32_t times_x(std::uint32_t a) {
  return (a & 1) != 0 ? (a >> 1) ^ detail::kCrc32Polynomial : a >> 1;
}

std::uint32_t product(std::uint32_t a, std::uint32_t b) {
  std::uint32_t sum = 0;
  for (; a != 0; a <<= 1, b = times_x(b)) {
    if ((a & kOne) != 0) sum ^= b;
  }
  return sum;
}

// What so many bytes behind it do to a register.
std::uint32_t x8_to_the(std::uint64_t bytes) {
  std::uint32_t result = kOne;
  for (std::uint32_t power = kX8; bytes > 0; bytes >>= 1, power = product(power, power)) {
    if ((bytes & 1) != 0) result = product(result, power);
  }
  return result;
}

}  // namespace

namespace detail {

std::uint32_t crc32_step_plain(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  std::size_t at = 0;
  for (; bytes.size() - at >= 8; at += 8) {
    const std::uint32_t low = le32(bytes, at) ^ crc;
    const std::uint32_t high = le32(bytes, at + 4);
    crc = kCrc[7][low & 255] ^ kCrc[6][low >> 8 & 255] ^ kCrc[5][low >> 16 & 255] ^ kCrc[4][low >> 24] ^
          kCrc[3][high & 255] ^ kCrc[2][high >> 8 & 255] ^ kCrc[1][high >> 16 & 255] ^ kCrc[0][high >> 24];
  }
  for (; at < bytes.size(); ++at) crc = (crc >> 8) ^ kCrc[0][(crc ^ bytes[at]) & 255];
  return crc;
}

}  // namespace detail

std::uint32_t crc32(std::span<const std::uint8_t> bytes, std::uint32_t before) {
  static const detail::Crc32Step hardware = detail::crc32_step_hardware();
  return ~(hardware != nullptr ? hardware : detail::crc32_step_plain)(~before, bytes);
}

std::uint32_t crc32_by_threads(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  if (bytes.size() < 2 * kPiece) return crc32(bytes);  // starts no threads
  const std::size_t pieces = (bytes.size() + kPiece - 1) / kPiece;
  const auto piece = [&](std::size_t i) {
    return bytes.subspan(i * kPiece, std::min(kPiece, bytes.size() - i * kPiece));
  };
  std::vector<std::uint32_t> sums(pieces);
  parallel_for(static_cast<Index>(pieces), [&](Index i) {
    const auto at = static_cast<std::size_t>(i);
    sums[at] = crc32(piece(at));
  });
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < pieces; ++i) all = crc32_joined(all, sums[i], piece(i).size());
  return all;
}

std::uint32_t crc32_joined(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes) {
  return product(x8_to_the(second_bytes), first) ^ second;
}

std::optional<std::size_t> crc32_flipped_bit(std::uint32_t found, std::uint32_t expected, std::size_t bytes) {
  const std::uint32_t difference = found ^ expected;
  // What the last bit adds to the sum, then the one before it, ...; a byte's highest bit is its last.
  std::uint32_t flipped = detail::kCrc32Polynomial;
  for (std::size_t bit = 8 * bytes; bit-- > 0; flipped = times_x(flipped)) {
    if (flipped == difference) return bit;
  }
  return std::nullopt;
}

}  // namespace mien
