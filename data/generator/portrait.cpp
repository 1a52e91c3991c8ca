#include "portrait.hpp"

#include <cmath>

namespace mien::faces {
namespace {

double clamp01(double x) {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}
double absolute(double x) {
  return x < 0 ? -x : x;
}
double mix(double a, double b, double t) {
  return a + (b - a) * t;
}
double square(double x) {
  return x * x;
}

/// 1 well inside, 0 well outside, `soft` wide between; `depth` is the distance inside the edge.
double cover(double depth, double soft = 0.03) {
  return clamp01(depth / soft + 0.5);
}

/// A smooth spot: 1 in its middle, 0 from its rim on.
double spot(double x, double y, double width, double height) {
  const double d = square(x / width) + square(y / height);
  return d < 1 ? square(1 - d) : 0;
}

/// A stroke along y = 0, fading towards x = 0 and 1.
double stroke(double x, double y, double thickness) {
  if (x <= 0 || x >= 1) return 0;
  const double fade = 4 * x * (1 - x);
  return clamp01(1 - square(y / thickness)) * (fade > 0.5 ? 1 : 2 * fade);
}

}  // namespace

Person::Person(Random& random) {
  const double complexion = random.uniform();
  skin = mix(110, 210, complexion);
  hair = complexion > 0.5 ? random.between(20, 150) : random.between(12, 60);
  brow = mix(hair, skin, 0.15);
  lip = skin * random.between(0.66, 0.86);
  background = random.between(15, 235);
  background_slope_x = 30 * random.around();
  background_slope_y = 25 * random.around();
  clothes = random.between(20, 220);
  light_x = random.around();
  light_y = random.between(-0.7, 0.1);
  light_strength = random.between(0.1, 0.4);
  length = random.between(1.2, 1.34);
  jaw = random.between(0.02, 0.2);
  eye_distance = random.between(0.40, 0.46);
  eye_y = random.between(-0.22, -0.14);
  eye_width = random.between(0.19, 0.23);
  brow_thickness = random.between(0.035, 0.065);
  nose_width = random.between(0.14, 0.2);
  nose_y = random.between(0.24, 0.34);
  mouth_y = random.between(0.64, 0.74);
  hairline = random.between(-1.12, -0.84);
  parting = random.around();
  long_hair = random.chance(0.4) ? random.between(0.15, 0.35) : 0;
  yaw = 0.8 * random.around();
  pitch = 0.6 * random.around();
  gaze = 0.5 * random.around();
  glasses = random.chance(0.1);
  const bool man = long_hair == 0;
  moustache = man && random.chance(0.15);
  beard = man && random.chance(0.2);
  tear = random.chance(0.2);
}

double Portrait::half_width(double v) const {
  const double t = 1 - square(v / p_.length);
  if (t <= 0) return 0;
  return std::sqrt(t) * (v > 0 ? 1 - p_.jaw * square(v / p_.length) : 1);
}

// Strands: a triangle wave across the head, bent by the parting.
double Portrait::hair(double u, double v) const {
  const double across = 4.5 * (u + 0.3 * p_.parting * v) + 40;
  const double wave = absolute(across - static_cast<int>(across) - 0.5) - 0.25;
  return p_.hair * (1 + 0.5 * wave) + 8 * wave;
}

double Portrait::surroundings(double u, double v) const {
  double tone = p_.background + p_.background_slope_x * u + p_.background_slope_y * v;
  const double shoulders = v - 1.25 - 0.25 * square(u);
  tone = mix(tone, p_.clothes, cover(shoulders));
  if (p_.long_hair > 0) {
    const double outer = 1.08 + p_.long_hair - 0.12 * square(v);
    tone = mix(tone, hair(u, v) * (0.8 + 0.2 * clamp01(1 - absolute(u) + 0.4)),
               cover(outer - absolute(u), 0.08) * cover(v + 0.3, 0.3));
  }
  const double neck = 0.55 - absolute(u) + 0.3 * clamp01(v - 1.2);
  tone = mix(tone, p_.skin * 0.62, cover(neck) * cover(v - 0.7) * cover(1.45 - v, 0.1));
  const double crown = 1 - square(u / 1.12) - square((v + 0.22) / 1.22);
  tone =
      mix(tone, hair(u, v) * (0.85 + 0.35 * spot(u + 0.5 * p_.light_x, v + 1.1, 0.8, 0.5)), cover(crown, 0.08));
  const double ear = 1 - square((absolute(u) - 1.0) / 0.13) - square((v - 0.02) / 0.26);
  if (p_.long_hair == 0) tone = mix(tone, p_.skin * 0.8, cover(ear, 0.3));
  return tone;
}

double Portrait::skin(double u, double v) const {
  const double bulge = 1 - 0.75 * square(u) - 0.45 * square(v / p_.length);
  const double towards_viewer = std::sqrt(bulge > 0.05 ? bulge : 0.05);
  const double light = 0.7 * towards_viewer + p_.light_strength * (p_.light_x * u + p_.light_y * v) + 0.36;
  double tone = p_.skin * light;
  tone *= 1 + 0.10 * (spot(absolute(u) - 0.5, v - 0.3, 0.35, 0.28)) * (1 + e_.cheek);
  tone *= 1 + 0.06 * spot(u, v - 1.02, 0.35, 0.25);
  tone *= 1 - 0.22 * spot(absolute(u) - p_.eye_distance, v - p_.eye_y, 0.38, 0.3);
  return tone;
}

double Portrait::forehead(double u, double v, double tone) const {
  const double raised = e_.brow_height;
  for (int line = 0; line < 3; ++line) {
    const double y = v - (p_.eye_y - 0.46 - 0.11 * line - 0.8 * raised + 0.06 * square(u));
    tone *= 1 - 0.3 * e_.forehead * stroke(0.5 + u / 1.1, y, 0.03);
  }
  const double a = absolute(u);
  const double upright = a - 0.06 - 0.1 * (v - p_.eye_y + 0.2);
  tone *= 1 - 0.45 * e_.frown * stroke((v - p_.eye_y + 0.42) / 0.32, upright, 0.03);
  for (int line = 0; line < 3; ++line) {
    const double y = v - (p_.eye_y - 0.03 + 0.085 * line - 0.35 * a);
    tone *= 1 - 0.42 * e_.nose_wrinkle * stroke(0.5 + u / 0.42, y, 0.03);
  }
  return tone;
}

// (x, y) from the middle of the eye, x in half widths of the eye, above 0 towards the ear.
double Portrait::eye(double x, double y, double side, double tone) const {
  const double slanted = y - e_.eye_slant * x;
  const double bow = 1 - square(x);
  const double upper = -e_.upper_lid * bow;
  const double lower = e_.lower_lid * bow;
  const double lid_line =
      bow > -0.2 ? clamp01(1 - square((slanted - upper) / 0.035)) * clamp01(1.2 - x * x) : 0;
  const double crease = stroke(0.5 + x / 2.2, slanted - (upper - 0.075), 0.03);
  tone *= 1 - 0.25 * crease;
  tone *= 1 - 0.3 * (0.3 + e_.cheek) * stroke(0.5 + x / 2.4, slanted - (lower + 0.07 - 0.03 * x * x), 0.03);
  if (bow > 0) {
    const double inside = cover(slanted - upper, 0.03) * cover(lower - slanted, 0.03);
    const double white = mix(p_.skin, 235, 0.6);
    const double from_iris = square((x * p_.eye_width - p_.gaze * side * 0.06) / 0.092) + square(y / 0.092);
    double ball = mix(white, 45 + 0.15 * p_.hair, cover(1 - from_iris, 0.35));
    ball = mix(ball, 245, 0.8 * spot(x * p_.eye_width - 0.03 * side, y + 0.035, 0.05, 0.05));
    tone = mix(tone, ball, inside);
    tone = mix(tone, tone * 0.6, clamp01(1 - square((slanted - lower) / 0.022)) * 0.6);
  }
  return mix(tone, mix(p_.hair, 10, 0.6), 0.85 * lid_line);
}

double Portrait::brow(double a, double v, double tone) const {
  const double inner = 0.17 - e_.brow_gap;
  const double along = (a - inner) / (0.74 - inner);
  if (along < -0.05 || along > 1.05) return tone;
  const double middle = p_.eye_y - 0.27 - e_.brow_height + e_.brow_slope * (along - 0.5) -
                        e_.brow_arch * (4 * along * (1 - along) - 0.5);
  const double half = p_.brow_thickness * (along < 0.6 ? 1 : 1 - 1.6 * (along - 0.6));
  const double ends = cover(along, 0.1) * cover(1 - along, 0.15);
  return mix(tone, p_.brow, 0.9 * ends * cover(half - absolute(v - middle), 0.035));
}

double Portrait::nose(double u, double v, double tone) const {
  const double up = e_.nose_wrinkle * 0.04;
  const double tip = p_.nose_y - up;
  const double a = absolute(u);
  const double side = u * p_.light_x > 0 ? 0.5 : 1.0;
  const double along = (v - p_.eye_y) / (tip - p_.eye_y);
  tone *= 1 - 0.16 * side * stroke(along, a - 0.07 - 0.07 * along * along, 0.07);
  tone *= 1 + 0.16 * spot(u, v - tip + 0.08, 0.1, 0.22);
  tone *= 1 - 0.5 * spot(a - 0.55 * p_.nose_width, v - tip - 0.035, 0.07, 0.04);
  tone *= 1 - 0.25 * spot(a - p_.nose_width * (1 + 0.25 * e_.nose_wrinkle), v - tip + 0.02, 0.05, 0.1);
  return tone * (1 - 0.18 * spot(u, v - tip - 0.1, 0.2, 0.07));
}

// From the wings of the nose to beside the corners of the mouth.
double Portrait::folds(double a, double v, double tone) const {
  const double top = p_.nose_y - 0.06 - 0.06 * e_.nose_wrinkle;
  const double bottom = p_.mouth_y - e_.smile * 0.4 + 0.04;
  const double along = (v - top) / (bottom - top);
  const double bow = 0.05 * 4 * along * (1 - along);
  const double line = p_.nose_width + 0.04 + along * (e_.mouth_width + 0.09 - p_.nose_width) + bow;
  tone *= 1 - 0.5 * e_.fold * stroke(along * 0.96 + 0.02, a - line, 0.04);
  return tone * (1 + 0.14 * e_.cheek * spot(a - 0.52, v - p_.eye_y - 0.38, 0.24, 0.2));
}

// x along the mouth, -1 and 1 at the corners; y from the line between the lips, down.
double Portrait::lips(double x, double y, double tone) const {
  const double bow = 1 - square(x);
  if (bow <= 0) return tone;
  const double shape = mix(bow, std::sqrt(bow), e_.squareness);
  const double upper = -e_.open_up * shape;
  const double lower = e_.open_down * shape;
  const double taper = std::sqrt(bow);
  const double dip = 0.25 * spot(x, 0, 0.25, 1);
  const double upper_rim = upper - e_.lips * (0.85 - dip) * taper;
  const double lower_rim = lower + e_.lips * 1.15 * taper;
  const double inside_lips = cover(y - upper_rim) * cover(lower_rim - y);
  const double tone_of_lip = p_.lip * (y > lower ? 1.02 : 0.9);
  tone = mix(tone, tone_of_lip, 0.9 * inside_lips);
  tone = mix(tone, mix(p_.lip, 20, 0.75), 0.8 * clamp01(1 - square(y / 0.028)) * clamp01(bow * 4));
  const double open = e_.open_up + e_.open_down;
  if (open < 0.015) return tone;
  const double inside = cover(y - upper, 0.025) * cover(lower - y, 0.025) * clamp01(open / 0.03);
  double hole = 28;
  const double teeth_depth = e_.teeth * (0.75 * open + 0.02);
  const double teeth = cover(upper + teeth_depth - y) * cover(0.93 - absolute(x), 0.15);
  hole = mix(hole, 225, clamp01(e_.teeth * 2) * teeth);
  const double tongue = spot(x, y - e_.open_down, 0.6, 0.1);
  hole = mix(hole, p_.lip * 0.7, 0.6 * tongue);
  return mix(tone, hole, inside);
}

double Portrait::mouth(double u, double v, double tone) const {
  const double x = u / e_.mouth_width;
  if (x < -1.3 || x > 1.3) return tone;
  const double middle = p_.mouth_y + e_.smile * (0.45 - x * x) - e_.skew * x;
  const double y = v - middle;
  tone = lips(x, y, tone);
  tone *= 1 - 0.35 * spot(absolute(x) - 1.05, y, 0.14, 0.05);
  const double below = e_.open_down + 1.15 * e_.lips + 0.06;
  return tone * (1 - 0.2 * spot(x, y - below, 0.7, 0.07));
}

double Portrait::beard(double u, double v, double tone) const {
  const double under_nose = cover(v - p_.nose_y - 0.1, 0.08);
  if (p_.moustache || p_.beard) {
    const double y = v - (p_.mouth_y + e_.smile * 0.3 - e_.open_up - 0.13 + 0.2 * square(u));
    tone = mix(tone, p_.hair,
               0.75 * under_nose * cover(0.055 - absolute(y), 0.05) * cover(0.36 - absolute(u), 0.1));
  }
  if (p_.beard) {
    const double along_jaw = 0.35 + 0.55 * square(u) + 0.75 * (v - p_.mouth_y + 0.25) - 0.5;
    tone = mix(tone, p_.hair, 0.65 * cover(along_jaw, 0.2));
  }
  return tone;
}

double Portrait::glasses(double a, double v, double tone) const {
  const double d = std::sqrt(square((a - p_.eye_distance) / 0.31) + square((v - p_.eye_y - 0.03) / 0.25));
  const double frame = cover(0.09 - absolute(d - 1), 0.1);
  const double bridge = a < 0.13 ? cover(0.025 - absolute(v - p_.eye_y + 0.03)) : 0;
  const double arm = a > 0.7 ? cover(0.025 - absolute(v - p_.eye_y + 0.03)) : 0;
  return mix(tone, 25, 0.8 * clamp01(frame + bridge + arm));
}

double Portrait::at(double u, double v) const {
  const double around = surroundings(u, v);
  const double face = cover(half_width(v) - absolute(u), 0.06);
  if (face == 0) return around;
  // A turned head moves what is nearest to the viewer most.
  const double near = 1 - 0.6 * square(u) - 0.4 * square(v);
  const double x = u - 0.16 * p_.yaw * (near > 0 ? near : 0);
  const double y = v - 0.12 * p_.pitch * (near > 0 ? near : 0);
  const double a = absolute(x);
  const double side = x < 0 ? -1 : 1;

  double tone = skin(u, v);
  tone = forehead(x, y, tone);
  tone = nose(x, y, tone);
  tone = folds(a, y, tone);
  tone = beard(x, y, tone);
  tone = mouth(x, y, tone);
  const double eye_x = (a - p_.eye_distance) / p_.eye_width;
  if (absolute(eye_x) < 1.3) tone = eye(eye_x, y - p_.eye_y, side, tone);
  tone = brow(a, y, tone);
  if (p_.tear && e_.eye_slant > 0.035) {
    const double drop_x = a - p_.eye_distance - 0.02;
    const double drop_y = y - p_.eye_y - 0.26;
    tone = mix(tone, 245, 0.7 * spot(drop_x, drop_y, 0.05, 0.1));
    tone *= 1 - 0.2 * spot(drop_x, drop_y + 0.1, 0.04, 0.1);
  }
  if (p_.glasses) tone = glasses(a, y, tone);
  const double fringe = p_.hairline + 0.75 * square(u - 0.3 * p_.parting) + 0.1 * p_.parting * u;
  tone = mix(tone, hair(u, v) * 0.95, cover(fringe - v, 0.1));
  return mix(around, tone, face);
}

}  // namespace mien::faces
