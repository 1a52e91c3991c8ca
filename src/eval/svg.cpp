#include "eval/svg.hpp"

#include "mien/core/text.hpp"

namespace mien::eval::detail {
namespace {

std::string number(double value) {
  return format_fixed(value, 1);
}

std::string attribute(std::string_view name, std::string_view value) {
  std::string text = " ";
  text += name;
  text += "=\"";
  text += value;
  return text + '"';
}

}  // namespace

std::string escape_xml(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    const bool allowed = c.bytes != 0 && (c.value >= 0x20 || c.value == '\t' || c.value == '\n') &&
                         c.value != 0x7f && c.value != 0xfffe && c.value != 0xffff;
    if (!allowed) {
      out += "\xef\xbf\xbd";
    } else if (c.value == '&') {
      out += "&amp;";
    } else if (c.value == '<') {
      out += "&lt;";
    } else if (c.value == '>') {
      out += "&gt;";
    } else if (c.value == '"') {
      out += "&quot;";
    } else {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes == 0 ? 1 : c.bytes);
  }
  return out;
}

SvgWriter::SvgWriter(double width, double height, Surface surface, std::string_view name) : surface_(surface) {
  const std::string box = attribute("viewBox", "0 0 " + number(width) + " " + number(height));
  if (surface == Surface::page) {
    svg_ = "<svg class=\"chart\" role=\"img\"" + attribute("aria-label", escape_xml(name)) + box + ">\n";
    return;
  }
  svg_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         attribute("width", number(width)) + attribute("height", number(height)) + box +
         attribute("font-family", "DejaVu Sans, Helvetica, Arial, sans-serif") + ">\n";
  rectangle(0, 0, width, height, "#ffffff");
}

const Colors& SvgWriter::colors() const {
  static constexpr Colors kFile{"#222222", "#777777", "#444444", "#e4e4e4"};
  static constexpr Colors kPage{"var(--ink)", "var(--muted)", "var(--axis)", "var(--grid)"};
  return surface_ == Surface::page ? kPage : kFile;
}

void SvgWriter::rectangle(double x, double y, double width, double height, std::string_view fill,
                          double opacity) {
  svg_ += "<rect" + attribute("x", number(x)) + attribute("y", number(y)) + attribute("width", number(width)) +
          attribute("height", number(height)) + attribute("fill", fill);
  if (opacity < 1) svg_ += attribute("fill-opacity", format_fixed(opacity, 3));
  svg_ += "/>\n";
}

void SvgWriter::line(double x1, double y1, double x2, double y2, std::string_view color, double width) {
  svg_ += "<line" + attribute("x1", number(x1)) + attribute("y1", number(y1)) + attribute("x2", number(x2)) +
          attribute("y2", number(y2)) + attribute("stroke", color) + attribute("stroke-width", number(width)) +
          "/>\n";
}

void SvgWriter::polyline(std::string_view points, const Stroke& stroke) {
  svg_ += "<polyline" + attribute("points", points) + attribute("fill", "none") +
          attribute("stroke", stroke.color) + attribute("stroke-width", "1.6") +
          attribute("stroke-linejoin", "round");
  if (!stroke.dash.empty()) svg_ += attribute("stroke-dasharray", stroke.dash);
  if (stroke.opacity < 1) svg_ += attribute("stroke-opacity", number(stroke.opacity));
  svg_ += "/>\n";
}

void SvgWriter::circle(double x, double y, double radius, std::string_view fill) {
  svg_ += "<circle" + attribute("cx", number(x)) + attribute("cy", number(y)) + attribute("r", number(radius)) +
          attribute("fill", fill) + "/>\n";
}

void SvgWriter::text(double x, double y, std::string_view content, const TextStyle& style) {
  static constexpr std::string_view kAnchors[] = {"start", "middle", "end"};
  svg_ += "<text" + attribute("x", number(x)) + attribute("y", number(y)) +
          attribute("font-size", number(style.size)) +
          attribute("text-anchor", kAnchors[static_cast<int>(style.anchor)]) +
          attribute("fill", style.color.empty() ? colors().ink : style.color);
  if (style.bold) svg_ += attribute("font-weight", "bold");
  if (style.rotate != 0) {
    svg_ += attribute("transform", "rotate(" + number(style.rotate) + " " + number(x) + " " + number(y) + ")");
  }
  svg_ += ">" + escape_xml(content) + "</text>\n";
}

std::string SvgWriter::point(double x, double y) {
  return number(x) + "," + number(y) + " ";
}

std::string SvgWriter::finish() {
  return svg_ + "</svg>\n";
}

}  // namespace mien::eval::detail
