// A typeface of dots, 7 high and up to 5 wide, joined to smooth lines: for labels in pictures.
#pragma once

#include <string_view>

#include "mien/draw/canvas.hpp"

namespace mien::draw {

inline constexpr Index kLetterHeight = 7;  // dots

/// Pixels from the first letter's left edge to the last one's right edge, dots being `scale` pixels wide.
Index text_width(std::string_view text, Index scale);

/// (x, y) is the upper left corner. Letters of both cases are shown as capitals; besides them there is all
/// printable ASCII, and a hollow box for every other character of UTF-8.
void draw_text(Canvas& canvas, std::string_view text, Index x, Index y, Index scale, Color color);

}  // namespace mien::draw
