// One face as a function of the place: brightness at any point, before lens and film.
#pragma once

#include "expression.hpp"
#include "random.hpp"

namespace mien::faces {

/// Everything about a person and the light that has nothing to do with the expression. Tones are gray
/// levels, 0 black to 255 white; lengths are in half widths of the face.
struct Person {
  explicit Person(Random& random);

  double skin, hair, brow, lip, background, background_slope_x, background_slope_y, clothes;
  double light_x, light_y, light_strength;
  double length, jaw, eye_distance, eye_y, eye_width, brow_thickness, nose_width, nose_y, mouth_y;
  double hairline, parting, long_hair;
  double yaw, pitch, gaze;
  bool glasses, moustache, beard, tear;
};

class Portrait {
 public:
  Portrait(const Person& person, const Expression& expression) : p_(person), e_(expression) {}

  /// Brightness at (u, v), (0, 0) being the middle of the face, u to the right, v down.
  double at(double u, double v) const;

 private:
  double hair(double u, double v) const;
  double surroundings(double u, double v) const;
  double skin(double u, double v) const;
  double forehead(double u, double v, double tone) const;
  double eye(double x, double y, double side, double tone) const;
  double brow(double a, double v, double tone) const;
  double nose(double u, double v, double tone) const;
  double folds(double a, double v, double tone) const;
  double mouth(double u, double v, double tone) const;
  double lips(double x, double y, double tone) const;
  double beard(double u, double v, double tone) const;
  double glasses(double a, double v, double tone) const;
  double half_width(double v) const;

  Person p_;
  Expression e_;
};

}  // namespace mien::faces
