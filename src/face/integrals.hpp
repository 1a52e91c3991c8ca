// Sums over all pixels above and to the left of a place, from which follows the sum over any rectangle (Viola &
// Jones 2001), over a triangle above it (Lienhart & Maydt 2002), and of squares.
#pragma once

#include <cstdint>
#include <memory>

#include "mien/core/shape.hpp"

namespace mien::face::detail {

/// Planes of rows of values: sums, sums of squares and, when asked for, tilted sums. With a step of 2 between
/// windows the even columns of a row come first, then the odd ones, so that neighboring windows always find
/// their values next to each other.
struct IntegralLayout {
  IntegralLayout() = default;
  /// For images of up to that size.
  IntegralLayout(Index width, Index height, Index window_step, bool with_tilted);

  Index step = 1;
  Index half = 0;    ///< from an even column to the odd one beside it, when step is 2
  Index stride = 0;  ///< from a row to the next
  Index plane = 0;   ///< from a plane to the next
  Index size = 0;    ///< of all planes, and of what may be read beyond them
  bool tilted = false;

  /// From the first value of a row to that of `column`, which may be negative when it is relative to a window.
  Index column(Index c) const { return step == 1 ? c : (c & 1) * half + (c >> 1); }
  Index place(Index x, Index y) const { return y * stride + column(x); }
  Index squares() const { return plane; }
  Index tilts() const { return 2 * plane; }
};

/// The integrals of an image given row by row, modulo 2^32. With image(x, y) for its pixels:
///   sums    (x, y) = sum of image(i, j) over i < x, j < y
///   squares (x, y) = the same of image(i, j)^2
///   tilts   (x, y) = sum of image(i, j) over j < y, |i - x + 1| < y - j
class Integrals {
 public:
  explicit Integrals(const IntegralLayout& layout);

  /// Begins an image.
  void clear();
  /// Adds a row of `width` pixels below those added before, all of which had the same width.
  void add_row(const std::uint8_t* pixels, Index width);

  const std::uint32_t* values() const { return values_.get(); }

 private:
  void add_tilted_row(const std::uint8_t* pixels, Index width);

  IntegralLayout layout_;
  std::unique_ptr<std::uint32_t[]> values_;
  std::unique_ptr<std::uint8_t[]> above_;  // the row added last, for the tilted sums
  Index rows_ = 0;
};

}  // namespace mien::face::detail
