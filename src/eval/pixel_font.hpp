// A 5x7 dot-matrix font for labels inside pictures.
#pragma once

#include <array>
#include <cstdint>

#include "mien/core/shape.hpp"

namespace mien::eval::detail {

constexpr Index kGlyphWidth = 5;
constexpr Index kGlyphHeight = 8;  // 7, and one for the tails of g, j, p, q, y

/// One byte per column from the left; bit 0 is the top row.
using Glyph = std::array<std::uint8_t, 5>;

/// The shape of a printable ASCII character; that of '?' for any other.
const Glyph& glyph(char c);

}  // namespace mien::eval::detail
