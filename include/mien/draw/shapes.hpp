// Shapes as signed distances: negative inside, 0 on the edge, positive outside. They have no size in pixels
// until a canvas places them.
#pragma once

#include <functional>
#include <vector>

namespace mien::draw {

/// y grows downwards.
struct Point {
  double x = 0;
  double y = 0;
};

/// A rectangle, in pixels.
struct Bounds {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

/// An area, told by how far each point is from its edge: below 0 inside.
struct Shape {
  Bounds bounds;  ///< nothing of the shape lies outside
  std::function<double(Point)> distance;
};

/// An ellipse, upright or lying.
Shape ellipse(Point center, double radius_x, double radius_y);
/// A filled circle.
Shape disc(Point center, double radius);
/// A rectangle with round corners.
Shape rounded_box(const Bounds& box, double radius);
/// A line of `width` through at least one point, with round ends.
Shape stroke(std::vector<Point> points, double width);
/// A disc that narrows to a point at `tip`, straight above its center.
Shape drop(Point tip, Point center, double radius);

/// What both have in common.
Shape intersect(Shape a, Shape b);
/// The part on one side of the line y = `line`.
Shape above(double line, Shape shape);
/// The other side.
Shape below(double line, Shape shape);

/// Points on the quadratic Bezier curve, close enough together for a stroke to look smooth.
std::vector<Point> curve(Point from, Point control, Point to);

}  // namespace mien::draw
