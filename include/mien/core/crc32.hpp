#pragma once

#include <cstdint>
#include <span>

namespace mien {

/// The CRC-32 of gzip and PNG (polynomial 0x04c11db7, reflected).
std::uint32_t crc32(std::span<const std::uint8_t> bytes);

}  // namespace mien
