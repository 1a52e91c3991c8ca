#include "mien/draw/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "mien/core/error.hpp"

namespace mien::draw {
namespace {

/// begin + length, at most what an Index can hold.
Index end_of(Index begin, Index length) {
  return begin > std::numeric_limits<Index>::max() - length ? std::numeric_limits<Index>::max()
                                                            : begin + length;
}

/// The nearest of 0 .. limit; 0 for NaN.
Index to_pixel(double value, Index limit) {
  if (!(value > 0)) return 0;
  return value >= static_cast<double>(limit) ? limit : static_cast<Index>(value);
}

std::uint8_t mix(std::uint8_t under, std::uint8_t over, double alpha) {
  return static_cast<std::uint8_t>(std::lround(under + (over - under) * alpha));
}

/// How much of a pixel lies inside an edge this many pixels from its center.
double coverage_at(double distance) {
  return std::clamp(0.5 - distance, 0.0, 1.0);
}

}  // namespace

Rectangle clip(const Rectangle& rectangle, Index width, Index height) {
  const auto& [x, y, w, h] = rectangle;
  const Index left = std::clamp<Index>(x, 0, width), top = std::clamp<Index>(y, 0, height);
  const Index right = std::clamp(w > 0 ? end_of(x, w) : left, left, width);
  const Index bottom = std::clamp(h > 0 ? end_of(y, h) : top, top, height);
  return {left, top, right - left, bottom - top};
}

Canvas::Canvas(image::RgbImage& image) : image_(image) {
  if (image.width < 1 || image.height < 1 ||
      static_cast<Index>(image.pixels.size()) != image.width * image.height * 3) {
    throw ArgumentError("[canvas] " + std::to_string(image.width) + "x" + std::to_string(image.height) +
                        " with " + std::to_string(image.pixels.size()) + " values");
  }
}

void Canvas::blend_pixel(Index x, Index y, Color color, double alpha) {
  std::uint8_t* pixel = image_.pixels.data() + (y * image_.width + x) * 3;
  pixel[0] = mix(pixel[0], color.red, alpha);
  pixel[1] = mix(pixel[1], color.green, alpha);
  pixel[2] = mix(pixel[2], color.blue, alpha);
}

void Canvas::fill_rectangle(const Rectangle& rectangle, Color color, double alpha) {
  const auto& [left, top, columns, rows] = clip(rectangle, image_.width, image_.height);
  for (Index y = top; y < top + rows; ++y) {
    for (Index x = left; x < left + columns; ++x) blend_pixel(x, y, color, alpha);
  }
}

void Canvas::frame(const Rectangle& rectangle, Index thickness, Color color, double alpha) {
  const auto& [x, y, width, height] = rectangle;
  if (width < 1 || height < 1 || thickness < 1) return;
  if (thickness >= width - thickness || thickness >= height - thickness)
    return fill_rectangle(rectangle, color, alpha);
  const Index inner = height - 2 * thickness;  // the sides leave the corners to the top and the bottom
  fill_rectangle({x, y, width, thickness}, color, alpha);
  fill_rectangle({x, end_of(y, height - thickness), width, thickness}, color, alpha);
  fill_rectangle({x, end_of(y, thickness), thickness, inner}, color, alpha);
  fill_rectangle({end_of(x, width - thickness), end_of(y, thickness), thickness, inner}, color, alpha);
}

void Canvas::blend(const Shape& shape, Color color, const Placement& placement, const AlphaAt& alpha_at) {
  const auto& [origin, scale] = placement;
  const Bounds& bounds = shape.bounds;
  const Index left = to_pixel(std::floor(origin.x + bounds.left * scale), image_.width);
  const Index right = to_pixel(std::ceil(origin.x + bounds.right * scale), image_.width);
  const Index top = to_pixel(std::floor(origin.y + bounds.top * scale), image_.height);
  const Index bottom = to_pixel(std::ceil(origin.y + bounds.bottom * scale), image_.height);
  for (Index y = top; y < bottom; ++y) {
    for (Index x = left; x < right; ++x) {
      const Point p{(static_cast<double>(x) + 0.5 - origin.x) / scale,
                    (static_cast<double>(y) + 0.5 - origin.y) / scale};
      const double alpha = coverage_at(shape.distance(p) * scale) * alpha_at(p);
      if (alpha > 0) blend_pixel(x, y, color, alpha);
    }
  }
}

void Canvas::fill_shape(const Shape& shape, Color color, double alpha, const Placement& placement) {
  blend(shape, color, placement, [alpha](Point) { return alpha; });
}

void Canvas::fill_fading(const Shape& shape, Color color, double full, double clear,
                         const Placement& placement) {
  blend(shape, color, placement,
        [full, clear](Point p) { return std::clamp((p.y - clear) / (full - clear), 0.0, 1.0); });
}

}  // namespace mien::draw
