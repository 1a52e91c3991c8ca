#include <algorithm>

#include "eval/panel.hpp"
#include "mien/eval/plots.hpp"

namespace mien::eval {
namespace {

using detail::Anchor;
using detail::SvgWriter;

constexpr double kWidth = 800;
constexpr double kPanelWidth = 320;
constexpr double kLefts[] = {58, 460};  // of the two panels in a row

void draw_title(SvgWriter& svg, std::string_view title) {
  if (title.empty()) return;
  svg.text(kWidth / 2, 24, title, {.size = 15, .anchor = Anchor::middle, .bold = true});
}

}  // namespace

std::string learning_curves_svg(const LearningCurves& curves) {
  constexpr double kHeight = 400;
  SvgWriter svg(kWidth, kHeight);
  const double top = curves.title.empty() ? 34 : 62;
  draw_title(svg, curves.title);
  const auto draw = [&](const std::string& title, const std::vector<Curve>& some, double left) {
    const Chart chart{.title = title, .curves = some, .best = curves.best_epoch};
    detail::draw_panel(svg, chart, {left, top, kPanelWidth, kHeight - top - 72});
  };
  draw("Loss", curves.loss, kLefts[0]);
  draw("Accuracy", curves.accuracy, kLefts[1]);
  return svg.finish();
}

std::string chart_svg(const Chart& chart) {
  constexpr double kLeft = 52, kTop = 34, kPanelHeight = 196;
  const double below = chart.legend ? 72 : 48;
  SvgWriter svg(kLeft + kPanelWidth + 24, kTop + kPanelHeight + below, Surface::page, chart.title);
  detail::draw_panel(svg, chart, {kLeft, kTop, kPanelWidth, kPanelHeight});
  return svg.finish();
}

std::string charts_svg(std::span<const Chart> charts, std::string_view title) {
  constexpr double kPanelHeight = 240, kRow = 330, kLine = 20, kMargin = 24;
  const double top = title.empty() ? 34 : 62;
  std::vector<std::string> names;
  for (const Chart& chart : charts) {
    for (std::size_t i = names.size(); i < chart.curves.size(); ++i) names.push_back(chart.curves[i].name);
  }
  const double legend = top + kRow * static_cast<double>((charts.size() + 1) / 2);
  SvgWriter svg(kWidth, legend + kLine * static_cast<double>(names.size()) + kMargin);
  draw_title(svg, title);
  for (std::size_t i = 0; i < charts.size(); ++i) {
    Chart chart = charts[i];
    chart.legend = false;
    detail::draw_panel(svg, chart,
                       {kLefts[i % 2], top + kRow * static_cast<double>(i / 2), kPanelWidth, kPanelHeight});
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    detail::draw_name(svg, kLefts[0], legend + kLine * static_cast<double>(i), i, names[i]);
  }
  return svg.finish();
}

}  // namespace mien::eval
