#include <algorithm>
#include <array>
#include <cmath>

#include "eval/svg.hpp"
#include "mien/core/text.hpp"
#include "mien/eval/plots.hpp"

namespace mien::eval {
namespace {

using detail::Anchor;
using detail::SvgWriter;

constexpr double kCell = 62;

/// White at 0 to dark blue at 1.
std::string heat_color(double share) {
  static constexpr std::array<double, 3> kDark = {8, 64, 129};
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string color = "#";
  for (const double dark : kDark) {
    const int v =
        static_cast<int>(std::lround(255 + (dark - 255) * std::pow(share, 0.8)));  // small shares show too
    color += kDigits[v / 16];
    color += kDigits[v % 16];
  }
  return color;
}

void draw_cell(SvgWriter& svg, const Confusion& confusion, int label, int predicted, double x, double y) {
  const Index count = confusion.count(label, predicted), row = confusion.row_total(label);
  const double share = row == 0 ? 0 : static_cast<double>(count) / static_cast<double>(row);
  const std::string_view color = share > 0.42 ? "#ffffff" : "#222222";
  svg.rectangle(x, y, kCell - 1, kCell - 1, row == 0 ? "#f2f2f2" : heat_color(share));
  const double middle = x + (kCell - 1) / 2;
  svg.text(middle, y + 29, std::to_string(count),
           {.size = 14, .anchor = Anchor::middle, .color = color, .bold = label == predicted});
  const std::string percent = row == 0 ? "-" : format_fixed(100 * share, 1) + " %";
  svg.text(middle, y + 45, percent, {.size = 10.5, .anchor = Anchor::middle, .color = color});
}

}  // namespace

std::string confusion_svg(const Confusion& confusion, std::string_view title) {
  std::size_t longest = 0;
  for (const std::string& name : confusion.names()) longest = std::max(longest, name.size());
  const double names =
      std::clamp(7.5 * static_cast<double>(longest), 40.0, 240.0);  // room for a name, in pixels
  const bool slanted = names > kCell;                               // names across that would touch
  const double left = 40 + names, top = title.empty() ? 14 : 44;
  const double side = kCell * confusion.classes();
  const double below = slanted ? 26 + 0.7 * names : 30;
  SvgWriter svg(left + side + 20, top + side + below + 24);

  if (!title.empty())
    svg.text(left + side / 2, 26, title, {.size = 15, .anchor = Anchor::middle, .bold = true});
  for (int c = 0; c < confusion.classes(); ++c) {
    const std::string& name = confusion.names()[static_cast<std::size_t>(c)];
    const double middle = kCell * c + kCell / 2;
    svg.text(left - 8, top + middle + 4, name, {.size = 13, .anchor = Anchor::end});
    if (slanted) {
      svg.text(left + middle + 5, top + side + 14, name, {.size = 13, .anchor = Anchor::end, .rotate = -40});
    } else {
      svg.text(left + middle, top + side + 17, name, {.size = 13, .anchor = Anchor::middle});
    }
    for (int p = 0; p < confusion.classes(); ++p) {
      draw_cell(svg, confusion, c, p, left + kCell * p, top + kCell * c);
    }
  }
  svg.text(20, top + side / 2, "actual", {.size = 13, .anchor = Anchor::middle, .bold = true, .rotate = -90});
  svg.text(left + side / 2, top + side + below + 12, "predicted",
           {.size = 13, .anchor = Anchor::middle, .bold = true});
  return svg.finish();
}

}  // namespace mien::eval
