// Where a sliding window goes: the one copy of the convolution and pooling arithmetic.
#pragma once

#include <string>

#include "mien/core/shape.hpp"

namespace mien {

/// What is put around one axis of an image.
struct AxisPadding {
  /// Those of Padding: same, valid and zeros.
  enum class Kind { same, valid, zeros };
  Kind kind = Kind::valid;
  Index before = 0, after = 0;  ///< of zeros
};

/// What is put around an image.
struct Padding {
  static constexpr Index kMost = 255;

  AxisPadding::Kind kind = AxisPadding::Kind::valid;
  Index top = 0, left = 0, bottom = 0, right = 0;  ///< of zeros, 0 to kMost

  /// Zeros so that an output has ceil(extent / stride) rows and columns, the odd zero at the bottom and right
  /// (TensorFlow's SAME).
  static const Padding same;
  static const Padding valid;  ///< nothing
  /// So many rows and columns of zeros.
  static constexpr Padding zeros(Index top, Index left, Index bottom, Index right) {
    return {AxisPadding::Kind::zeros, top, left, bottom, right};
  }
  constexpr AxisPadding rows() const { return {kind, top, bottom}; }
  constexpr AxisPadding columns() const { return {kind, left, right}; }

  friend bool operator==(const Padding&, const Padding&) = default;
};
inline constexpr Padding Padding::same{AxisPadding::Kind::same};
inline constexpr Padding Padding::valid{AxisPadding::Kind::valid};

/// The extents of a window. Of one number, a square.
struct WindowSize {
  Index height = 0, width = 0;

  constexpr WindowSize() = default;
  constexpr WindowSize(Index edge) : height(edge), width(edge) {}  // NOLINT(google-explicit-constructor)
  constexpr WindowSize(Index h, Index w) : height(h), width(w) {}
  constexpr Index size() const { return height * width; }
  friend bool operator==(const WindowSize&, const WindowSize&) = default;
};

/// One axis of a convolution or pooling.
struct WindowAxis {
  Index output = 0;      ///< positions of the window
  Index pad_before = 0;  ///< virtual elements in front of the first
};

/// Throws ArgumentError, prefixed with [where], when no window fits.
WindowAxis window_axis(Index extent, Index window, Index stride, const AxisPadding& padding,
                       const std::string& where);

}  // namespace mien
