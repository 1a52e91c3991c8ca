// gzip files made in memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "mien/core/crc32.hpp"

namespace mien::test {

inline std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A gzip file whose data are stored, not packed; at most 65,535 bytes.
inline std::string stored_gzip(const std::string& text) {
  const auto number = [](std::size_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 255);
    return out;
  };
  return std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x01", 11) + number(text.size(), 2) +
         number(text.size() ^ 0xffff, 2) + text + number(crc32(bytes_of(text)), 4) + number(text.size(), 4);
}

}  // namespace mien::test
