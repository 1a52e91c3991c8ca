#include "eval/panel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "mien/core/text.hpp"

namespace mien::eval::detail {
namespace {

// Okabe and Ito's palette, told apart by color-blind readers; dashes tell the lines apart in gray print.
struct LineStyle {
  std::string color;
  std::string_view dash;
};
constexpr std::array<std::string_view, 6> kLineColors = {"#0072b2", "#d55e00", "#009e73",
                                                         "#cc79a7", "#56b4e9", "#555555"};
constexpr std::array<std::string_view, 6> kDashes = {"", "6 3", "2 2", "8 3 2 3", "4 4", "1 3"};

// Of as many curves as there are colors and dashes no two look alike.
LineStyle style_of(std::size_t curve, Surface surface) {
  const std::size_t color = curve % kLineColors.size();
  return {surface == Surface::page ? curve_color(curve) : std::string(kLineColors[color]),
          kDashes[(curve + curve / kLineColors.size()) % kDashes.size()]};
}

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
    const double size = std::abs(range.low);
    const double margin = std::max(size < 1e-12 ? 0.1 : size * 0.1, least_step);
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
struct Panel : PanelPlace {
  Axis x = {}, y = {};

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

void draw_axes(SvgWriter& svg, const Panel& panel, const Chart& chart) {
  const double bottom = panel.top + panel.height, right = panel.left + panel.width;
  const Colors& colors = svg.colors();
  const auto ticks = [](const Axis& axis) {
    return static_cast<int>(std::lround((axis.high - axis.low) / axis.step));
  };
  for (int i = 0; i <= ticks(panel.y); ++i) {
    const double value = panel.y.low + i * panel.y.step;
    svg.line(panel.left, panel.py(value), right, panel.py(value), colors.grid);
    svg.text(panel.left - 7, panel.py(value) + 4, tick_label(value, panel.y),
             {.size = 11, .anchor = Anchor::end});
  }
  for (int i = 0; i <= ticks(panel.x); ++i) {
    const double value = panel.x.low + i * panel.x.step;
    svg.line(panel.px(value), panel.top, panel.px(value), bottom, colors.grid);
    svg.line(panel.px(value), bottom, panel.px(value), bottom + 4, colors.axis);
    svg.text(panel.px(value), bottom + 17, tick_label(value, panel.x), {.size = 11, .anchor = Anchor::middle});
  }
  svg.line(panel.left, panel.top, panel.left, bottom, colors.axis);
  svg.line(panel.left, bottom, right, bottom, colors.axis);
  svg.text(panel.left + panel.width / 2, panel.top - 12, chart.title,
           {.size = 14, .anchor = Anchor::middle, .bold = true});
  svg.text(panel.left + panel.width / 2, bottom + 36, chart.x_name, {.size = 12, .anchor = Anchor::middle});
}

// On the side of the line where there is more room for the word.
void draw_best(SvgWriter& svg, const Panel& panel, double best) {
  const double x = panel.px(best), bottom = panel.top + panel.height;
  const bool left = x > panel.left + panel.width / 2;
  svg.polyline(SvgWriter::point(x, panel.top) + SvgWriter::point(x, bottom), {svg.colors().muted, "3 3", 1});
  svg.text(left ? x - 4 : x + 4, bottom - 6, "best",
           {.size = 11, .anchor = left ? Anchor::end : Anchor::start, .color = svg.colors().muted});
}

/// One line under the panel: a sample of each line and its name.
void draw_legend(SvgWriter& svg, const Panel& panel, const std::vector<Curve>& curves) {
  const double y = panel.top + panel.height + 58;
  const double slot = panel.width / static_cast<double>(std::max<std::size_t>(curves.size(), 1));
  for (std::size_t i = 0; i < curves.size(); ++i) {
    draw_name(svg, panel.left + slot * static_cast<double>(i), y, i, curves[i].name);
  }
}

}  // namespace

void draw_name(SvgWriter& svg, double x, double y, std::size_t curve, std::string_view name) {
  const LineStyle style = style_of(curve, svg.surface());
  svg.polyline(SvgWriter::point(x, y - 4) + SvgWriter::point(x + 26, y - 4), {style.color, style.dash, 1});
  svg.text(x + 32, y, name, {.size = 12});
}

void draw_panel(SvgWriter& svg, const Chart& chart, const PanelPlace& place) {
  Range xs, ys;
  for (const Curve& curve : chart.curves) {
    for (const CurvePoint& p : curve.points) {
      if (!drawable(p)) continue;
      xs.include(p.x);
      ys.include(p.y);
    }
  }
  Panel panel{place};
  panel.x = round_axis(xs, chart.least_x_step);
  panel.y = round_axis(ys, 0);
  draw_axes(svg, panel, chart);
  const bool marked = chart.best && *chart.best >= panel.x.low && *chart.best <= panel.x.high && !ys.empty();
  if (marked) draw_best(svg, panel, *chart.best);
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    draw_curve(svg, panel, chart.curves[i], style_of(i, svg.surface()));
  }
  if (ys.empty()) {
    svg.text(panel.left + panel.width / 2, panel.top + panel.height / 2, "no values",
             {.size = 12, .anchor = Anchor::middle, .color = svg.colors().muted});
  }
  if (chart.legend) draw_legend(svg, panel, chart.curves);
}

}  // namespace mien::eval::detail

namespace mien::eval {

std::string curve_color(std::size_t n) {
  return "var(--c" + std::to_string(n % detail::kLineColors.size()) + ")";
}

}  // namespace mien::eval
