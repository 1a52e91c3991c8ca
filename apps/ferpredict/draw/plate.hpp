// The label of a face: its emoji, the expression's name, how probable it is in percent and as a bar.
#pragma once

#include <string>
#include <string_view>

#include "mien/draw/canvas.hpp"

namespace ferpredict::draw {

using namespace mien::draw;

inline constexpr Color kPlateGround = {20, 22, 27};

struct Plate {
  std::string expression;
  std::string name;     ///< as it is shown; empty where there is no room for it
  std::string percent;  ///< likewise
  double probability = 0;
  bool emoji = true;      ///< labels that are none of faces have none
  mien::Index scale = 1;  ///< pixels a dot of the lettering
  mien::Index width = 0;  ///< pixels
  mien::Index height = 0;
};

/// The `scale` at which a label is about as wide as a face of that edge, in pixels; at least 1.
mien::Index label_scale(mien::Index face_edge);

/// The largest of at most `scale` that `width` x `height` pixels have room for; without the name, and at last
/// without the percentage, where there is none for it at scale 1.
Plate make_plate(std::string_view expression, float probability, mien::Index scale, mien::Index width,
                 mien::Index height, bool emoji = true);

/// With its upper left corner at (x, y).
void draw_plate(Canvas& canvas, const Plate& plate, mien::Index x, mien::Index y);

/// The color that stands for an expression; gray for one that is not known.
Color accent_color(std::string_view expression);

}  // namespace ferpredict::draw
