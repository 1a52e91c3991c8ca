// Faces that show an expression, drawn from discs, ellipses and strokes.
#pragma once

#include <string_view>

#include "mien/draw/canvas.hpp"

namespace ferpredict::draw {

using namespace mien::draw;

/// angry, disgust, fear, happy, sad, surprise or neutral; a disc with a question mark for any other.
/// Coordinates are pixels. Nothing is drawn outside the square around the disc.
void draw_emoji(Canvas& canvas, std::string_view expression, double center_x, double center_y, double diameter);

}  // namespace ferpredict::draw
