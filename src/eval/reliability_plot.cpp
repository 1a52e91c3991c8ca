#include <algorithm>

#include "eval/svg.hpp"
#include "mien/eval/plots.hpp"

namespace mien::eval {
namespace {

using detail::Anchor;
using detail::SvgWriter;

constexpr double kPlotLeft = 52, kPlotWidth = 320;
constexpr double kPlotTop = 34, kPlotHeight = 196;    // of the shares that are right
constexpr double kCountTop = 262, kCountHeight = 48;  // of the numbers of rows
constexpr std::string_view kBar = "var(--c0)", kIdeal = "var(--c1)";

double height_of(double share) {
  return kPlotTop + kPlotHeight * (1 - share);
}

void draw_scales(SvgWriter& svg) {
  for (int i = 0; i <= 5; ++i) {
    const double share = i / 5.0, x = kPlotLeft + kPlotWidth * share;
    const std::string text = std::to_string(20 * i) + " %";
    svg.line(kPlotLeft, height_of(share), kPlotLeft + kPlotWidth, height_of(share), svg.colors().grid);
    svg.text(kPlotLeft - 7, height_of(share) + 4, text, {.size = 11, .anchor = Anchor::end});
    svg.text(x, kCountTop + kCountHeight + 16, text, {.size = 11, .anchor = Anchor::middle});
  }
  svg.text(kPlotLeft + kPlotWidth / 2, kPlotTop - 12, "Right, by what the network says",
           {.size = 14, .anchor = Anchor::middle, .bold = true});
  svg.text(kPlotLeft, kCountTop - 8, "how many rows", {.size = 11, .color = svg.colors().muted});
  svg.text(kPlotLeft + kPlotWidth / 2, kCountTop + kCountHeight + 34, "probability of the most probable class",
           {.size = 12, .anchor = Anchor::middle});
}

}  // namespace

std::string reliability_svg(std::span<const CalibrationBin> bins) {
  SvgWriter svg(kPlotLeft + kPlotWidth + 24, kCountTop + kCountHeight + 48, Surface::page, "Calibration");
  draw_scales(svg);
  double most = 1;
  for (const CalibrationBin& bin : bins) most = std::max(most, bin.count);
  const double slot = kPlotWidth / static_cast<double>(std::max<std::size_t>(bins.size(), 1));
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const CalibrationBin& bin = bins[i];
    if (bin.count == 0) continue;
    const double x = kPlotLeft + slot * static_cast<double>(i) + 1, share = bin.right / bin.count;
    svg.rectangle(x, height_of(share), slot - 2, kPlotHeight * share, kBar, 0.75);
    const double tall = kCountHeight * bin.count / most;
    svg.rectangle(x, kCountTop + kCountHeight - tall, slot - 2, tall, svg.colors().muted, 0.6);
  }
  svg.polyline(
      SvgWriter::point(kPlotLeft, height_of(0)) + SvgWriter::point(kPlotLeft + kPlotWidth, height_of(1)),
      {kIdeal, "6 3", 1});
  svg.line(kPlotLeft, height_of(0), kPlotLeft + kPlotWidth, height_of(0), svg.colors().axis);
  svg.line(kPlotLeft, kCountTop + kCountHeight, kPlotLeft + kPlotWidth, kCountTop + kCountHeight,
           svg.colors().axis);
  return svg.finish();
}

}  // namespace mien::eval
