// Pictures of a training run and of an evaluation, as self-contained SVG texts (SVG 1.1, UTF-8).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mien/eval/confusion.hpp"

namespace mien::eval {

/// A point whose x is not finite is left out; one whose y is not finite interrupts the line. Values beyond
/// 1e150 count as not finite.
struct CurvePoint {
  double x = 0;
  double y = 0;
};

/// Points in the order they are joined, usually by growing x. Any number of them: where several fall on one
/// column of pixels, the first, lowest, highest and last are drawn; very many become a pale band with its
/// mean.
struct Curve {
  std::string name;
  std::vector<CurvePoint> points;
};

struct LearningCurves {
  std::string title;            ///< no title line when empty
  std::vector<Curve> loss;      ///< left panel
  std::vector<Curve> accuracy;  ///< right panel, values 0 .. 1
};

/// metrics.svg: two panels side by side, 800 x 400 pixels; x is the epoch.
std::string learning_curves_svg(const LearningCurves& curves);

/// confusion.svg: a cell per actual (down) and predicted (across) class with its count and its share of
/// the row in percent, darker for a larger share.
std::string confusion_svg(const Confusion& confusion, std::string_view title);

}  // namespace mien::eval
