// A typeface of dots, 7 high and up to 5 wide, joined to smooth lines: for labels in pictures.
#pragma once

#include <string_view>

#include "canvas.hpp"

namespace ferpredict::draw {

inline constexpr mien::Index kLetterHeight = 7;  // dots

/// Pixels from the first letter's left edge to the last one's right edge, dots being `scale` pixels wide.
mien::Index text_width(std::string_view text, mien::Index scale);

/// (x, y) is the upper left corner. Letters of both cases are shown as capitals; besides them there are digits,
/// blanks and % . , - ' / ( ) : and a hollow box for every other character of UTF-8.
void draw_text(Canvas& canvas, std::string_view text, mien::Index x, mien::Index y, mien::Index scale,
               Color color);

}  // namespace ferpredict::draw
