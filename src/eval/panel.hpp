// One panel of curves within a picture.
#pragma once

#include <string_view>

#include "eval/svg.hpp"
#include "mien/eval/plots.hpp"

namespace mien::eval::detail {

/// The plotting area, in pixels of the picture; numbers, title and names stand outside of it.
struct PanelPlace {
  double left, top, width, height;
};

void draw_panel(SvgWriter& svg, const Chart& chart, const PanelPlace& place);

/// A sample of the line of a curve and its name behind it; `y` is the baseline.
void draw_name(SvgWriter& svg, double x, double y, std::size_t curve, std::string_view name);

}  // namespace mien::eval::detail
