// The two ways in which the register of a CRC-32 takes bytes in.
#pragma once

#include <cstdint>
#include <span>

namespace mien::detail {

inline constexpr std::uint32_t kCrc32Polynomial = 0xEDB88320;

/// Reads tables, on any processor.
std::uint32_t crc32_step_plain(std::uint32_t crc, std::span<const std::uint8_t> bytes);

using Crc32Step = std::uint32_t (*)(std::uint32_t crc, std::span<const std::uint8_t> bytes);
/// The same with the processor's instructions, for any number of bytes; nullptr where it has none.
Crc32Step crc32_step_hardware();

}  // namespace mien::detail
