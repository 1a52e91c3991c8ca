// Drawing on a picture: rectangles and smooth shapes, blended over what is there and cut at the picture's
// edges.
#pragma once

#include <cstdint>
#include <functional>

#include "mien/draw/shapes.hpp"
#include "mien/image/image.hpp"

namespace mien::draw {

/// 8 bits each, 0 to 255.
struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

/// Pixels x .. x + width - 1 and y .. y + height - 1; without any when an extent is below 1.
struct Rectangle {
  Index x = 0;
  Index y = 0;
  Index width = 0;
  Index height = 0;
};

/// The part of `rectangle` within 0 .. width - 1 and 0 .. height - 1; an extent of 0 where there is none.
Rectangle clip(const Rectangle& rectangle, Index width, Index height);

/// Where a shape's point (0, 0) comes to lie, in pixels, and how many pixels 1 of its units is long.
struct Placement {
  Point origin;
  double scale = 1;
};

/// Pixel (0, 0) covers 0 .. 1 along both axes. Any coordinates are allowed: what lies outside is not drawn.
class Canvas {
 public:
  /// `image` must outlive the canvas. Throws ArgumentError when its pixels do not match its size.
  explicit Canvas(image::RgbImage& image);

  Index width() const { return image_.width; }
  Index height() const { return image_.height; }

  /// `alpha`, here and below: 0 leaves the picture as it is, 1 covers it.
  void fill_rectangle(const Rectangle& rectangle, Color color, double alpha = 1);
  /// The outermost `thickness` pixels of `rectangle`.
  void frame(const Rectangle& rectangle, Index thickness, Color color, double alpha = 1);
  /// With a smooth edge.
  void fill_shape(const Shape& shape, Color color, double alpha = 1, const Placement& placement = {});
  /// The same, fading out towards the line y = `clear` of the shape from full color at y = `full`.
  void fill_fading(const Shape& shape, Color color, double full, double clear, const Placement& placement);

 private:
  using AlphaAt = std::function<double(Point)>;

  void blend_pixel(Index x, Index y, Color color, double alpha);
  /// `alpha_at` is given points of the shape.
  void blend(const Shape& shape, Color color, const Placement& placement, const AlphaAt& alpha_at);

  image::RgbImage& image_;
};

}  // namespace mien::draw
