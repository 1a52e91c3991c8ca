#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "eval/svg.hpp"
#include "mien/core/text.hpp"
#include "mien/eval/plots.hpp"

namespace mien::eval {
namespace {

using detail::Anchor;
using detail::SvgWriter;

// Okabe and Ito's palette, told apart by color-blind readers; dashes tell the lines apart in gray print.
struct LineStyle {
  std::string_view color;
  std::string_view dash;
};
constexpr std::array<LineStyle, 6> kStyles = {{{"#0072b2", ""},
                                               {"#d55e00", "6 3"},
                                               {"#009e73", "2 2"},
                                               {"#cc79a7", "8 3 2 3"},
                                               {"#56b4e9", "4 4"},
                                               {"#555555", "1 3"}}};
constexpr std::size_t kMostMarkers = 25;  // points of a curve that still get a dot each
constexpr double kDense = 2;              // more points per pixel than this are a band with its mean
constexpr double kMeanStrip = 4;          // pixels

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  bool empty() const { return low > high; }
  void include(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
};

/// Round values from below range.low to above range.high, `step` apart.
struct Axis {
  double low = 0;
  double high = 1;
  double step = 0.2;
  int digits = 1;  ///< behind the point, so that neighbors differ
};

// Sums and differences of values beyond this overflow; they count as not finite.
constexpr double kLargest = 1e150;

bool drawable(const CurvePoint& p) {
  return std::abs(p.x) <= kLargest && std::abs(p.y) <= kLargest;
}

/// Steps of 1, 2 or 5 times a power of ten, about a fifth of the range (Heckbert, Graphics Gems, 1990), and
/// at least `least_step`.
Axis round_axis(Range range, double least_step) {
  if (range.empty()) range = {0, std::max(1.0, least_step)};
  double span = range.high - range.low;
  if (!(span > 1e-9 * std::max(std::abs(range.low), std::abs(range.high))) || span < 1e-12) {
    const double margin = std::max({std::abs(range.low) * 0.1, 0.1, least_step});
    range = {range.low - margin, range.high + margin};
    span = range.high - range.low;
  }
  const double power = std::pow(10.0, std::floor(std::log10(span / 5)));
  const double fraction = span / 5 / power;
  const double step = std::max(least_step, power * (fraction < 1.5   ? 1
                                                    : fraction < 3.5 ? 2
                                                    : fraction < 7.5 ? 5
                                                                     : 10));
  Axis axis;
  axis.step = step;
  axis.low = std::floor(range.low / step + 1e-9) * step;
  axis.high = std::ceil(range.high / step - 1e-9) * step;
  axis.digits = static_cast<int>(std::clamp(-std::floor(std::log10(step) + 1e-9), 0.0, 12.0));
  return axis;
}

std::string tick_label(double value, const Axis& axis) {
  if (std::abs(value) < axis.step / 2) value = 0;  // not "-0.0"
  if (std::max(std::abs(axis.low), std::abs(axis.high)) < 1e6) return format_fixed(value, axis.digits);
  const double power = std::pow(10.0, std::floor(std::log10(axis.step)));
  return format_number(std::round(value / power) * power);
}

/// The plotting area of one panel and its scales.
struct Panel {
  double left, top, width, height;
  Axis x, y;

  double px(double v) const { return left + (v - x.low) / (x.high - x.low) * width; }
  double py(double v) const { return top + height - (v - y.low) / (y.high - y.low) * height; }
};

/// Of the points that share a column of pixels: first, lowest, highest and last, in the order they came.
std::vector<CurvePoint> thin(const std::vector<CurvePoint>& run, const Panel& panel) {
  std::vector<CurvePoint> kept;
  for (std::size_t begin = 0; begin < run.size();) {
    const double column = std::floor(panel.px(run[begin].x));
    std::size_t end = begin + 1;
    while (end < run.size() && std::floor(panel.px(run[end].x)) == column) ++end;
    const auto first = run.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = run.begin() + static_cast<std::ptrdiff_t>(end);
    const auto below = [](const CurvePoint& a, const CurvePoint& b) { return a.y < b.y; };
    std::array<std::size_t, 4> keep = {
        begin, static_cast<std::size_t>(std::min_element(first, last, below) - run.begin()),
        static_cast<std::size_t>(std::max_element(first, last, below) - run.begin()), end - 1};
    std::sort(keep.begin(), keep.end());
    for (std::size_t i = 0; i < keep.size(); ++i) {
      if (i == 0 || keep[i] != keep[i - 1]) kept.push_back(run[keep[i]]);
    }
    begin = end;
  }
  return kept;
}

/// Means over strips of kMeanStrip pixels.
std::vector<CurvePoint> strip_means(const std::vector<CurvePoint>& run, const Panel& panel) {
  std::vector<CurvePoint> means;
  for (std::size_t i = 0; i < run.size();) {
    const double strip = std::floor(panel.px(run[i].x) / kMeanStrip);
    CurvePoint sum;
    double count = 0;
    for (; i < run.size() && std::floor(panel.px(run[i].x) / kMeanStrip) == strip; ++i, ++count) {
      sum.x += run[i].x;
      sum.y += run[i].y;
    }
    means.push_back({sum.x / count, sum.y / count});
  }
  return means;
}

void draw_run(SvgWriter& svg, const Panel& panel, const std::vector<CurvePoint>& run, const LineStyle& style,
              bool markers) {
  const auto draw = [&](const std::vector<CurvePoint>& line, double opacity) {
    std::string points;
    for (const CurvePoint& p : line) points += SvgWriter::point(panel.px(p.x), panel.py(p.y));
    svg.polyline(points, {style.color, opacity < 1 ? "" : style.dash, opacity});
  };
  const bool dense = static_cast<double>(run.size()) > kDense * panel.width;
  if (dense) {
    draw(thin(run, panel), 0.3);
    draw(strip_means(run, panel), 1);
  } else if (run.size() > 1) {
    draw(thin(run, panel), 1);
  }
  if (!markers && run.size() > 1) return;  // a point on its own shows as a dot
  for (const CurvePoint& p : run) svg.circle(panel.px(p.x), panel.py(p.y), 2.4, style.color);
}

/// The curve as runs of drawable points.
void draw_curve(SvgWriter& svg, const Panel& panel, const Curve& curve, const LineStyle& style) {
  const bool markers = curve.points.size() <= kMostMarkers;
  std::vector<CurvePoint> run;
  for (const CurvePoint& p : curve.points) {
    if (drawable(p)) {
      run.push_back(p);
    } else if (std::isfinite(p.x) && !run.empty()) {
      draw_run(svg, panel, run, style, markers);
      run.clear();
    }
  }
  if (!run.empty()) draw_run(svg, panel, run, style, markers);
}

void draw_axes(SvgWriter& svg, const Panel& panel, std::string_view title) {
  const double bottom = panel.top + panel.height, right = panel.left + panel.width;
  const auto ticks = [](const Axis& axis) {
    return static_cast<int>(std::lround((axis.high - axis.low) / axis.step));
  };
  for (int i = 0; i <= ticks(panel.y); ++i) {
    const double value = panel.y.low + i * panel.y.step;
    svg.line(panel.left, panel.py(value), right, panel.py(value), "#e4e4e4");
    svg.text(panel.left - 7, panel.py(value) + 4, tick_label(value, panel.y),
             {.size = 11, .anchor = Anchor::end});
  }
  for (int i = 0; i <= ticks(panel.x); ++i) {
    const double value = panel.x.low + i * panel.x.step;
    svg.line(panel.px(value), panel.top, panel.px(value), bottom, "#e4e4e4");
    svg.line(panel.px(value), bottom, panel.px(value), bottom + 4, "#444444");
    svg.text(panel.px(value), bottom + 17, tick_label(value, panel.x), {.size = 11, .anchor = Anchor::middle});
  }
  svg.line(panel.left, panel.top, panel.left, bottom, "#444444");
  svg.line(panel.left, bottom, right, bottom, "#444444");
  svg.text(panel.left + panel.width / 2, panel.top - 12, title,
           {.size = 14, .anchor = Anchor::middle, .bold = true});
  svg.text(panel.left + panel.width / 2, bottom + 36, "epoch", {.size = 12, .anchor = Anchor::middle});
}

/// One line under the panel: a sample of each line and its name.
void draw_legend(SvgWriter& svg, const Panel& panel, const std::vector<Curve>& curves) {
  const double y = panel.top + panel.height + 58;
  const double slot = panel.width / static_cast<double>(std::max<std::size_t>(curves.size(), 1));
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const LineStyle& style = kStyles[i % kStyles.size()];
    const double x = panel.left + slot * static_cast<double>(i);
    svg.polyline(SvgWriter::point(x, y - 4) + SvgWriter::point(x + 26, y - 4), {style.color, style.dash, 1});
    svg.text(x + 32, y, curves[i].name, {.size = 12});
  }
}

void draw_panel(SvgWriter& svg, Panel panel, const std::vector<Curve>& curves, std::string_view title) {
  Range xs, ys;
  for (const Curve& curve : curves) {
    for (const CurvePoint& p : curve.points) {
      if (!drawable(p)) continue;
      xs.include(p.x);
      ys.include(p.y);
    }
  }
  panel.x = round_axis(xs, 1);  // epochs are whole
  panel.y = round_axis(ys, 0);
  draw_axes(svg, panel, title);
  for (std::size_t i = 0; i < curves.size(); ++i)
    draw_curve(svg, panel, curves[i], kStyles[i % kStyles.size()]);
  if (ys.empty()) {
    svg.text(panel.left + panel.width / 2, panel.top + panel.height / 2, "no values",
             {.size = 12, .anchor = Anchor::middle, .color = "#777777"});
  }
  draw_legend(svg, panel, curves);
}

}  // namespace

std::string learning_curves_svg(const LearningCurves& curves) {
  constexpr double kWidth = 800, kHeight = 400;
  SvgWriter svg(kWidth, kHeight);
  const double top = curves.title.empty() ? 34 : 62;
  if (!curves.title.empty()) {
    svg.text(kWidth / 2, 24, curves.title, {.size = 15, .anchor = Anchor::middle, .bold = true});
  }
  const Panel left = {58, top, 320, kHeight - top - 72, {}, {}};
  Panel right = left;
  right.left = 460;
  draw_panel(svg, left, curves.loss, "Loss");
  draw_panel(svg, right, curves.accuracy, "Accuracy");
  return svg.finish();
}

}  // namespace mien::eval
