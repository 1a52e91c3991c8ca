// What an expression does to a face, in the face's own units: 1 is half its width, y points down.
#pragma once

#include "random.hpp"

namespace mien::faces {

/// FER2013's labels.
enum Label { angry, disgust, fear, happy, sad, surprise, neutral, kLabels };

struct Expression {
  double upper_lid;     ///< height of the upper lid above the middle of the eye
  double lower_lid;     ///< depth of the lower lid below it; negative: pushed up by the cheek
  double eye_slant;     ///< above 0: outer corners lower than inner ones
  double brow_height;   ///< above 0: raised
  double brow_slope;    ///< above 0: inner ends raised, below 0: inner ends lowered
  double brow_arch;     ///< how much the middle stands above the ends
  double brow_gap;      ///< above 0: drawn together
  double frown;         ///< upright lines between the brows, 0 .. 1
  double forehead;      ///< level lines on the forehead, 0 .. 1
  double nose_wrinkle;  ///< lines across the root of the nose, 0 .. 1
  double fold;          ///< lines from the nose to the corners of the mouth, 0 .. 1
  double cheek;         ///< raised cheeks, 0 .. 1
  double mouth_width;   ///< half of it
  double smile;         ///< above 0: corners raised, below 0: lowered
  double open_up;       ///< from the line between the lips up to the upper lip
  double open_down;     ///< and down to the lower lip
  double squareness;    ///< of the opening: 0 a lens, 1 an oval or a box
  double teeth;         ///< how much of the opening shows teeth, 0 .. 1
  double lips;          ///< their thickness
  double skew;          ///< one corner higher than the other
};

/// A way to show `label`: one of its forms, more or less strong, every part a little off.
Expression draw_expression(Label label, Random& random);

}  // namespace mien::faces
