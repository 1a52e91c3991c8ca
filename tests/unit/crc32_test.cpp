#include "mien/core/crc32.hpp"

#include <string>
#include <vector>

#include "core/crc32_steps.hpp"
#include "support/catch.hpp"

using mien::crc32;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes noise(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t state = 1;
  for (std::uint8_t& byte : bytes)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

}  // namespace

// By Python's zlib.
TEST_CASE("CRC-32 is zlib's") {
  const std::string digits = "123456789";
  const Bytes bytes(digits.begin(), digits.end());
  CHECK(crc32({}) == 0);
  CHECK(crc32(bytes) == 0xcbf43926);
  CHECK(crc32(Bytes(1000, 'a')) == 0x9a38da03);
  CHECK(crc32(std::span(bytes).subspan(4), crc32(std::span(bytes).first(4))) == 0xcbf43926);
}

TEST_CASE("the processor's instructions for CRC-32 agree with plain code") {
  const auto hardware = mien::detail::crc32_step_hardware();
  if (hardware == nullptr) return;
  const Bytes bytes = noise(400);
  for (std::size_t size = 0; size < 390; ++size) {
    for (const std::size_t shift : {0, 1, 7}) {
      const auto piece = std::span(bytes).subspan(shift, size);
      for (const std::uint32_t start : {0u, ~0u, 0x12345678u}) {
        REQUIRE(hardware(start, piece) == mien::detail::crc32_step_plain(start, piece));
      }
    }
  }
}

TEST_CASE("sums of pieces are joined to that of the whole") {
  const Bytes bytes = noise(1000);
  for (const std::size_t cut : {0, 1, 7, 500, 999, 1000}) {
    const auto first = std::span(bytes).first(cut), second = std::span(bytes).subspan(cut);
    CHECK(mien::crc32_joined(crc32(first), crc32(second), second.size()) == crc32(bytes));
  }
  for (const std::size_t size : {0, 1, 1 << 20, (2 << 20) - 1, 2 << 20, (5 << 20) + 3}) {
    const Bytes large = noise(size);
    CHECK(mien::crc32_by_threads(large) == crc32(large));
  }
}

TEST_CASE("which bit was flipped follows from two sums") {
  const Bytes bytes = noise(37);
  const std::uint32_t expected = crc32(bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1 << bit % 8));
    REQUIRE(mien::crc32_flipped_bit(crc32(flipped), expected, bytes.size()) == bit);
  }
  Bytes two = bytes;
  two[3] ^= 1;
  two[30] ^= 128;
  CHECK(mien::crc32_flipped_bit(crc32(two), expected, bytes.size()) == std::nullopt);
  CHECK(mien::crc32_flipped_bit(expected, expected, bytes.size()) == std::nullopt);
}
