// The CRC-32 of gzip, PNG and zlib (polynomial 0x04c11db7, reflected). It sees every change of one bit, of two,
// and of any that lie within 32 bits of each other, and of other accidents all but one in four billion. It
// protects against no intent: whoever changes bytes can make the sum fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mien {

/// Of these bytes behind others whose sum is `before`. Uses the processor's instructions where there are any.
std::uint32_t crc32(std::span<const std::uint8_t> bytes, std::uint32_t before = 0);

/// The same value, of large pieces by all threads.
std::uint32_t crc32_by_threads(std::span<const std::uint8_t> bytes);

/// The sum of two pieces one behind the other, of which the second has `second_bytes`.
std::uint32_t crc32_joined(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes);

/// Which bit to flip in `bytes` bytes of sum `found` so that their sum is `expected`: 8 times its byte, plus
/// its place from the lowest on. Nothing where one bit alone does not do it.
std::optional<std::size_t> crc32_flipped_bit(std::uint32_t found, std::uint32_t expected, std::size_t bytes);

}  // namespace mien
