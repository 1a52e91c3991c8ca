#include "emoji.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ferpredict::draw {
namespace {

constexpr Color kInk = {74, 43, 20};
constexpr Color kMouth = {92, 30, 24};
constexpr Color kTongue = {240, 98, 110};
constexpr Color kWhite = {255, 255, 255};
constexpr Color kBlush = {255, 120, 90};
constexpr Color kWater = {70, 160, 240};

/// A head's colors: its skin, what it darkens to at the chin, and its rim.
struct Skin {
  Color face;
  Color chin;
  Color rim;
};
constexpr Skin kYellow = {{255, 208, 66}, {252, 178, 44}, {222, 146, 28}};
constexpr Skin kRed = {{248, 110, 66}, {226, 62, 44}, {176, 40, 32}};
constexpr Skin kGreen = {{176, 206, 82}, {132, 172, 56}, {94, 132, 40}};
constexpr Skin kGray = {{206, 212, 220}, {176, 184, 194}, {132, 140, 150}};

/// Draws in a head's own units: its disc has its center in (0, 0) and a radius of 1.
class Head {
 public:
  Head(Canvas& canvas, const Placement& placement) : canvas_(canvas), placement_(placement) {}

  void fill(const Shape& shape, Color color, double alpha = 1) const {
    canvas_.fill_shape(shape, color, alpha, placement_);
  }
  void fade(const Shape& shape, Color color, double full, double clear) const {
    canvas_.fill_fading(shape, color, full, clear, placement_);
  }

  void skin(const Skin& colors) const {
    const Shape inner = disc({0, 0}, 0.95);
    fill(disc({0, 0}, 1), colors.rim);
    fill(inner, colors.face);
    fade(inner, colors.chin, 0.95, -0.2);
  }

 private:
  Canvas& canvas_;
  Placement placement_;
};

// Left and right: features come in pairs, at x and -x.
constexpr std::array<double, 2> kSides = {-1, 1};

void oval_eyes(const Head& head, double y, double radius_x, double radius_y) {
  for (const double side : kSides) head.fill(ellipse({side * 0.36, y}, radius_x, radius_y), kInk);
}

void staring_eyes(const Head& head, double y, double radius, double pupil) {
  for (const double side : kSides) {
    head.fill(disc({side * 0.37, y}, radius + 0.035), kInk);
    head.fill(disc({side * 0.37, y}, radius), kWhite);
    head.fill(disc({side * 0.37, y}, pupil), kInk);
  }
}

/// From the nose outwards, bent by `arch`.
void brows(const Head& head, Point inner, Point outer, double arch, double width) {
  for (const double side : kSides) {
    const Point middle{side * (inner.x + outer.x) / 2, (inner.y + outer.y) / 2 - arch};
    head.fill(stroke(curve({side * inner.x, inner.y}, middle, {side * outer.x, outer.y}), width), kInk);
  }
}

/// A line that bends up in its middle; down for a `bend` below 0.
void mouth_line(const Head& head, double y, double half_width, double bend, double width) {
  head.fill(stroke(curve({-half_width, y}, {0, y - 2 * bend}, {half_width, y}), width), kInk);
}

void angry(const Head& head) {
  head.skin(kRed);
  oval_eyes(head, -0.02, 0.13, 0.16);
  brows(head, {0.12, -0.14}, {0.62, -0.44}, -0.04, 0.17);
  mouth_line(head, 0.6, 0.38, 0.19, 0.15);
}

void disgust(const Head& head) {
  head.skin(kGreen);
  brows(head, {0.16, -0.36}, {0.62, -0.5}, -0.1, 0.12);
  for (const double side : kSides) {  // squeezed shut
    head.fill(stroke({{side * 0.56, -0.26}, {side * 0.22, -0.12}, {side * 0.56, 0.02}}, 0.12), kInk);
  }
  const Shape opening = above(0.5, ellipse({0, 0.52}, 0.46, 0.3));
  head.fill(opening, kMouth);
  const Shape tongue = rounded_box({-0.2, 0.36, 0.24, 0.88}, 0.22);
  head.fill(tongue, kTongue);
  head.fill(stroke({{0.02, 0.42}, {0.02, 0.68}}, 0.05), kMouth, 0.5);
}

void fear(const Head& head) {
  head.skin(kYellow);
  head.fade(disc({0, 0}, 0.95), {92, 150, 236}, -0.75, 0.05);
  staring_eyes(head, -0.12, 0.24, 0.09);
  brows(head, {0.2, -0.62}, {0.62, -0.46}, 0.05, 0.11);
  const Shape mouth = above(0.68, ellipse({0, 0.66}, 0.42, 0.36));
  head.fill(mouth, kMouth);
  head.fill(intersect(mouth, rounded_box({-0.26, 0.52, 0.26, 0.9}, 0.1)), kWhite);
}

void happy(const Head& head) {
  head.skin(kYellow);
  for (const double side : kSides) {
    head.fill(disc({side * 0.62, 0.16}, 0.17), kBlush, 0.45);
    head.fill(stroke(curve({side * 0.2, -0.14}, {side * 0.38, -0.52}, {side * 0.56, -0.14}), 0.13), kInk);
  }
  const Shape mouth = below(0.14, ellipse({0, 0.14}, 0.58, 0.62));
  head.fill(mouth, kMouth);
  head.fill(intersect(mouth, ellipse({0, 0.78}, 0.36, 0.26)), kTongue);
  head.fill(above(0.3, mouth), kWhite);
}

void sad(const Head& head) {
  head.skin(kYellow);
  oval_eyes(head, -0.08, 0.13, 0.17);
  brows(head, {0.2, -0.5}, {0.62, -0.34}, 0.04, 0.11);
  mouth_line(head, 0.58, 0.3, 0.13, 0.13);
  head.fill(drop({0.56, 0.06}, {0.56, 0.44}, 0.17), kWater);
  head.fill(disc({0.51, 0.48}, 0.05), kWhite, 0.7);
}

void surprise(const Head& head) {
  head.skin(kYellow);
  staring_eyes(head, -0.14, 0.2, 0.13);
  brows(head, {0.2, -0.6}, {0.6, -0.56}, 0.18, 0.11);
  const Shape mouth = ellipse({0, 0.48}, 0.26, 0.34);
  head.fill(mouth, kMouth);
  head.fill(intersect(mouth, ellipse({0, 0.78}, 0.22, 0.2)), kTongue);
}

void neutral(const Head& head) {
  head.skin(kYellow);
  oval_eyes(head, -0.14, 0.13, 0.18);
  mouth_line(head, 0.4, 0.4, 0, 0.13);
}

void contempt(const Head& head) {
  head.skin(kYellow);
  for (const double side : kSides) {  // half closed, and looking aside
    head.fill(below(-0.14, ellipse({side * 0.36, -0.14}, 0.21, 0.24)), kWhite);
    head.fill(below(-0.14, ellipse({side * 0.36 + 0.09, -0.14}, 0.11, 0.2)), kInk);
    head.fill(stroke({{side * 0.36 - 0.23, -0.14}, {side * 0.36 + 0.23, -0.14}}, 0.1), kInk);
  }
  head.fill(stroke(curve({-0.3, 0.5}, {0.16, 0.52}, {0.42, 0.26}), 0.13), kInk);
}

void unknown(const Head& head) {
  head.skin(kGray);
  std::vector<Point> hook = curve({-0.3, -0.24}, {-0.28, -0.6}, {0.02, -0.6});
  for (const std::vector<Point>& more :
       {curve({0.02, -0.6}, {0.34, -0.58}, {0.32, -0.26}), curve({0.32, -0.26}, {0.28, -0.04}, {0, 0.08})}) {
    hook.insert(hook.end(), more.begin(), more.end());
  }
  hook.push_back({0, 0.24});
  head.fill(stroke(hook, 0.18), kInk);
  head.fill(disc({0, 0.56}, 0.13), kInk);
}

struct Expression {
  std::string_view name;
  void (*draw)(const Head&);
};
constexpr std::array<Expression, 8> kExpressions = {{{"angry", angry},
                                                     {"disgust", disgust},
                                                     {"fear", fear},
                                                     {"happy", happy},
                                                     {"sad", sad},
                                                     {"surprise", surprise},
                                                     {"neutral", neutral},
                                                     {"contempt", contempt}}};

}  // namespace

void draw_emoji(Canvas& canvas, std::string_view expression, double center_x, double center_y,
                double diameter) {
  const Head head(canvas, {{center_x, center_y}, diameter / 2});
  const auto found = std::find_if(kExpressions.begin(), kExpressions.end(),
                                  [&](const Expression& e) { return e.name == expression; });
  (found == kExpressions.end() ? unknown : found->draw)(head);
}

}  // namespace ferpredict::draw
