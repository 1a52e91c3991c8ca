// Pictures of training runs and of evaluations, as SVG texts (SVG 1.1, UTF-8).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/eval/calibration.hpp"
#include "mien/eval/confusion.hpp"

namespace mien::eval {

/// What a picture is for. file: a file of its own, dark on white. page: an element of an HTML page
/// (mien/eval/page.hpp), as wide as there is room for it, in the page's light or dark colors.
enum class Surface { file, page };

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

/// One panel of curves. The n-th curve of every chart has the same color and dashes.
struct Chart {
  std::string title;
  std::vector<Curve> curves;
  std::string x_name = "epoch";
  double least_x_step = 1;          ///< between numbers on the x axis: epochs are whole
  std::optional<double> best = {};  ///< an x that is marked as the best; not where it is not finite
  bool legend = true;               ///< the curves' names below
};

/// One chart as an element of a page.
std::string chart_svg(const Chart& chart);
/// A file of charts, two side by side, under a title, and the names of all curves once at its end.
std::string charts_svg(std::span<const Chart> charts, std::string_view title);
/// The color of the n-th curve in a page, as CSS.
std::string curve_color(std::size_t n);

/// What learning_curves_svg draws.
struct LearningCurves {
  std::string title;                      ///< no title line when empty
  std::vector<Curve> loss;                ///< left panel
  std::vector<Curve> accuracy;            ///< right panel, values 0 .. 1
  std::optional<double> best_epoch = {};  ///< marked in both
};

/// metrics.svg: two panels side by side, 800 x 400 pixels; x is the epoch.
std::string learning_curves_svg(const LearningCurves& curves);

/// confusion.svg: a cell per actual (down) and predicted (across) class with its count and its share of
/// the row in percent, darker for a larger share.
std::string confusion_svg(const Confusion& confusion, std::string_view title);

/// A reliability diagram, an element of a page: for each bin of probabilities how many of its rows are right,
/// beside how many would be if the probabilities were true, and how many rows there are.
std::string reliability_svg(std::span<const CalibrationBin> bins);

}  // namespace mien::eval
