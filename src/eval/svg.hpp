// Writing SVG elements.
#pragma once

#include <string>
#include <string_view>

#include "mien/eval/plots.hpp"

namespace mien::eval::detail {

/// `text` for use between tags and in attributes. What XML 1.0 cannot hold (control characters, bytes that
/// are not UTF-8) becomes U+FFFD.
std::string escape_xml(std::string_view text);

enum class Anchor { start, middle, end };

/// What is drawn with which color; of a page's they are names, which the page gives colors.
struct Colors {
  std::string_view ink, muted, axis, grid;
};

struct TextStyle {
  double size = 12;
  Anchor anchor = Anchor::start;
  std::string_view color = {};  ///< the ink when empty
  bool bold = false;
  double rotate = 0;  ///< degrees, about the position
};

struct Stroke {
  std::string_view color;
  std::string_view dash;  ///< as in stroke-dasharray; none when empty
  double opacity = 1;
};

class SvgWriter {
 public:
  /// `name` is read out to who cannot see a page's picture.
  SvgWriter(double width, double height, Surface surface = Surface::file, std::string_view name = {});

  Surface surface() const { return surface_; }
  const Colors& colors() const;

  void rectangle(double x, double y, double width, double height, std::string_view fill, double opacity = 1);
  void line(double x1, double y1, double x2, double y2, std::string_view color, double width = 1);
  /// `points` as "x,y x,y ..", see point().
  void polyline(std::string_view points, const Stroke& stroke);
  void circle(double x, double y, double radius, std::string_view fill);
  /// `y` is the baseline.
  void text(double x, double y, std::string_view content, const TextStyle& style);

  /// "x,y " with a tenth of a pixel.
  static std::string point(double x, double y);
  std::string finish();

 private:
  Surface surface_;
  std::string svg_;
};

}  // namespace mien::eval::detail
