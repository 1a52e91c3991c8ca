#include "mien/core/crc32.hpp"

#include <array>
#include <cstddef>

#include "core/byte_order.hpp"

namespace mien {
namespace {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

// Table k holds the effect of a byte that is followed by k zero bytes, so that eight bytes go at once.
constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
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

}  // namespace

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  std::size_t at = 0;
  for (; bytes.size() - at >= 8; at += 8) {
    const std::uint32_t low = detail::le32(bytes, at) ^ crc;
    const std::uint32_t high = detail::le32(bytes, at + 4);
    crc = kCrc[7][low & 255] ^ kCrc[6][low >> 8 & 255] ^ kCrc[5][low >> 16 & 255] ^ kCrc[4][low >> 24] ^
          kCrc[3][high & 255] ^ kCrc[2][high >> 8 & 255] ^ kCrc[1][high >> 16 & 255] ^ kCrc[0][high >> 24];
  }
  for (; at < bytes.size(); ++at) crc = (crc >> 8) ^ kCrc[0][(crc ^ bytes[at]) & 255];
  return ~crc;
}

}  // namespace mien
