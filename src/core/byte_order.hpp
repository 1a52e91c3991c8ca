#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mien::detail {

/// Big-endian and little-endian integers at `at`, which the caller has checked to lie inside.
inline std::uint32_t be16(std::span<const std::uint8_t> b, std::size_t at) {
  return std::uint32_t{b[at]} << 8 | b[at + 1];
}
inline std::uint32_t be32(std::span<const std::uint8_t> b, std::size_t at) {
  return be16(b, at) << 16 | be16(b, at + 2);
}
inline std::uint32_t le16(std::span<const std::uint8_t> b, std::size_t at) {
  return std::uint32_t{b[at + 1]} << 8 | b[at];
}
inline std::uint32_t le32(std::span<const std::uint8_t> b, std::size_t at) {
  return le16(b, at + 2) << 16 | le16(b, at);
}

}  // namespace mien::detail
