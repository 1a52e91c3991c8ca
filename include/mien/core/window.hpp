// Where a sliding window goes: the one copy of the convolution and pooling arithmetic.
#pragma once

#include <string>

#include "mien/core/shape.hpp"

namespace mien {

/// same: zeros around the image so that an output has ceil(extent / stride) rows and columns, the odd
/// zero at the bottom and right (TensorFlow's SAME). valid: none.
enum class Padding { same, valid };

/// One axis of a convolution or pooling.
struct WindowAxis {
  Index output = 0;      ///< positions of the window
  Index pad_before = 0;  ///< virtual elements in front of the first
};

/// Throws ArgumentError, prefixed with [where], when no window fits.
WindowAxis window_axis(Index extent, Index kernel, Index stride, Padding padding, const std::string& where);

}  // namespace mien
