#include "expression.hpp"

#include <array>

namespace mien::faces {
namespace {

constexpr std::size_t kParts = 20;
using Parts = std::array<double, kParts>;

// One column a member of Expression, in its order:
// lids upper, lower, slant | brow height, slope, arch, gap | frown, forehead, wrinkle, fold, cheek |
// mouth width, smile, open up, down, squareness, teeth, lips, skew
// clang-format off
constexpr Parts kNeutral{
    .115, .075, 0,     0,     0,    .04, 0,    0,  0,  0,  .12, 0,    .34, 0,    .002, .004, .2, 0,  .055, 0};

// Every label has two forms: mild or closed-mouthed, and strong or open-mouthed.
constexpr std::array<std::array<Parts, 2>, kLabels> kForms{{
    {{{.080, .060, -.03, -.095, -.16, .01, .06,  1,  0, .1, .25, .1,  .30, -.12, 0,    0,    .2, 0,  .020, 0},
      {.105, .055, -.03, -.100, -.18, .01, .06,  1,  0, .3, .45, .2,  .34, -.10, .080, .110, .9, .9, .045, 0}}},
    {{{.060, .025, 0,    -.055, -.05, .02, .04, .4,  0,  1, .80, .5,  .30, -.15, .045, .005, .3, .5, .055, .06},
      {.050, .015, 0,    -.050, -.05, .02, .04, .4,  0,  1, .90, .6,  .34, -.15, .100, .045, .6, .8, .050, .08}}},
    {{{.165, .090, .02,   .095,  .14, .00, .05, .3, .7,  0, .15, 0,   .38, -.07, .035, .060, .7, .6, .040, 0},
      {.190, .100, .02,   .110,  .16, .00, .05, .3, .9,  0, .25, 0,   .40, -.09, .070, .160, .8, .4, .040, 0}}},
    {{{.085, .045, .01,   .015,  .00, .05, 0,    0,  0,  0, .60, .8,  .45,  .18, .002, .004, .1, 0,  .045, 0},
      {.070, .030, .01,   .020,  .00, .05, 0,    0,  0,  0, .80, 1,   .48,  .19, .030, .150, .3, .7, .045, 0}}},
    {{{.075, .070, .05,   .015,  .16, .00, .03, .2, .3,  0, .25, 0,   .28, -.13, 0,    .002, .2, 0,  .060, 0},
      {.045, .060, .06,   .020,  .19, .00, .04, .3, .4,  0, .35, 0,   .32, -.20, .005, .025, .4, .2, .060, 0}}},
    {{{.175, .105, 0,     .130,  .00, .09, 0,    0, .6,  0, .05, 0,   .23,  .00, .080, .150, 1,  .1, .050, 0},
      {.195, .115, 0,     .170,  .00, .10, 0,    0, .9,  0, .05, 0,   .25,  .00, .120, .260, 1,  .1, .050, 0}}},
    {{kNeutral, kNeutral}},
}};

// How far each part strays on its own, whatever the label.
constexpr Parts kStray{
    .025, .018, .018,  .035,  .05,  .025, .02, .2, .2, .12, .25, .25, .04, .045, .008, .010, .2, .15, .012, .018};
// clang-format on

Expression from(const Parts& p) {
  return {p[0],  p[1],  p[2],  p[3],  p[4],  p[5],  p[6],  p[7],  p[8],  p[9],
          p[10], p[11], p[12], p[13], p[14], p[15], p[16], p[17], p[18], p[19]};
}

double not_negative(double x) {
  return x > 0 ? x : 0;
}

}  // namespace

Expression draw_expression(Label label, Random& random) {
  const auto& forms = kForms[static_cast<std::size_t>(label)];
  const double form = random.uniform();
  const double strength = random.between(0.4, 1.15);
  const double side = random.chance(0.5) ? 1 : -1;
  Parts parts;
  for (std::size_t i = 0; i < kParts; ++i) {
    const double full = forms[0][i] + form * (forms[1][i] - forms[0][i]);
    parts[i] = kNeutral[i] + strength * (full - kNeutral[i]) + kStray[i] * random.around();
  }
  Expression e = from(parts);
  for (double* part : {&e.frown, &e.forehead, &e.nose_wrinkle, &e.fold, &e.cheek, &e.open_up, &e.open_down,
                       &e.squareness, &e.teeth}) {
    *part = not_negative(*part);
  }
  if (e.squareness > 1) e.squareness = 1;
  e.skew *= side;
  return e;
}

}  // namespace mien::faces
