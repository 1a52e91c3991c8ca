#include "mien/draw/shapes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mien::draw {
namespace {

Bounds around(Point center, double radius_x, double radius_y) {
  return {center.x - radius_x, center.y - radius_y, center.x + radius_x, center.y + radius_y};
}

double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
  const double along =
      length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0.0;
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

}  // namespace

Shape ellipse(Point center, double radius_x, double radius_y) {
  // The implicit function over its gradient: exact on the edge and near it, which is all that smoothing needs.
  return {around(center, radius_x, radius_y), [=](Point p) {
            const double x = (p.x - center.x) / radius_x, y = (p.y - center.y) / radius_y;
            const double k = std::hypot(x, y), gradient = std::hypot(x / radius_x, y / radius_y);
            return gradient > 0 ? k * (k - 1) / gradient : -std::min(radius_x, radius_y);
          }};
}

Shape disc(Point center, double radius) {
  return {around(center, radius, radius),
          [=](Point p) { return std::hypot(p.x - center.x, p.y - center.y) - radius; }};
}

Shape rounded_box(const Bounds& box, double radius) {
  const Point center{(box.left + box.right) / 2, (box.top + box.bottom) / 2};
  const double half_width = (box.right - box.left) / 2, half_height = (box.bottom - box.top) / 2;
  const double r = std::min({radius, half_width, half_height});
  return {box, [=](Point p) {
            const double dx = std::abs(p.x - center.x) - half_width + r;
            const double dy = std::abs(p.y - center.y) - half_height + r;
            return std::min(std::max(dx, dy), 0.0) + std::hypot(std::max(dx, 0.0), std::max(dy, 0.0)) - r;
          }};
}

Shape stroke(std::vector<Point> points, double width) {
  Bounds bounds = around(points.front(), width / 2, width / 2);
  for (const Point& point : points) {
    const Bounds end = around(point, width / 2, width / 2);
    bounds = {std::min(bounds.left, end.left), std::min(bounds.top, end.top), std::max(bounds.right, end.right),
              std::max(bounds.bottom, end.bottom)};
  }
  return {bounds, [points = std::move(points), width](Point p) {
            double least = distance_to_segment(p, points.front(), points.front());
            for (std::size_t i = 1; i < points.size(); ++i) {
              least = std::min(least, distance_to_segment(p, points[i - 1], points[i]));
            }
            return least - width / 2;
          }};
}

Shape drop(Point tip, Point center, double radius) {
  // Above the two points of contact the edge is a tangent through the tip, below them it is the circle.
  const double height = center.y - tip.y, sine = radius / height, cosine = std::sqrt(1 - sine * sine);
  return {{center.x - radius, tip.y, center.x + radius, center.y + radius}, [=](Point p) {
            const double x = std::abs(p.x - center.x), y = center.y - p.y;
            if (y * cosine <= x * sine) return std::hypot(x, y) - radius;
            return x * cosine + y * sine - radius;
          }};
}

Shape intersect(Shape a, Shape b) {
  const Bounds bounds{std::max(a.bounds.left, b.bounds.left), std::max(a.bounds.top, b.bounds.top),
                      std::min(a.bounds.right, b.bounds.right), std::min(a.bounds.bottom, b.bounds.bottom)};
  return {bounds,
          [a = std::move(a), b = std::move(b)](Point p) { return std::max(a.distance(p), b.distance(p)); }};
}

Shape above(double line, Shape shape) {
  Bounds bounds = shape.bounds;
  bounds.bottom = std::min(bounds.bottom, line);
  return {bounds,
          [shape = std::move(shape), line](Point p) { return std::max(shape.distance(p), p.y - line); }};
}

Shape below(double line, Shape shape) {
  Bounds bounds = shape.bounds;
  bounds.top = std::max(bounds.top, line);
  return {bounds,
          [shape = std::move(shape), line](Point p) { return std::max(shape.distance(p), line - p.y); }};
}

std::vector<Point> curve(Point from, Point control, Point to) {
  constexpr int kSegments = 16;
  std::vector<Point> points;
  for (int i = 0; i <= kSegments; ++i) {
    const double t = static_cast<double>(i) / kSegments, s = 1 - t;
    points.push_back({s * s * from.x + 2 * s * t * control.x + t * t * to.x,
                      s * s * from.y + 2 * s * t * control.y + t * t * to.y});
  }
  return points;
}

}  // namespace mien::draw
