// Pixels as text: integers 0 to 255 with blanks between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mien::data::detail {

/// An integer 0 .. 255 of at most three digits and nothing else.
std::optional<std::uint8_t> parse_pixel(std::string_view digits);

/// Reads pixels written with exactly one blank behind each, until `count` are read or something else comes.
/// Two at a time and without a branch on the number of digits: two always fit eight bytes. Returns how many
/// were read, and moves `p` behind them.
std::size_t read_pixels_fast(const char*& p, const char* end, std::uint8_t* out, std::size_t count);

}  // namespace mien::data::detail
