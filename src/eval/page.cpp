#include "mien/eval/page.hpp"

#include <string>

#include "eval/page_style.hpp"
#include "eval/svg.hpp"
#include "mien/core/text.hpp"
#include "mien/image/png.hpp"

namespace mien::eval {

std::string escape_html(std::string_view text) {
  return detail::escape_xml(text);
}

// The policy keeps what stands in names, should it ever get through, from asking for anything.
std::string html_page(const Page& page) {
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'\">\n";
  if (page.reload_seconds > 0) {
    text += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(page.reload_seconds) + "\">\n";
  }
  text += "<title>" + escape_html(page.title) + "</title>\n<style>\n";
  text += detail::kPageStyle;
  return text + "</style>\n</head>\n<body>\n<main>\n" + page.body + "</main>\n</body>\n</html>\n";
}

std::string section(std::string_view heading, std::string_view body) {
  std::string text = "<section>\n<h2>" + escape_html(heading) + "</h2>\n";
  text += body;
  return text + "</section>\n";
}

std::string figure_html(std::string_view name, std::string_view value, std::string_view beside) {
  std::string text = "<div><dt>" + escape_html(name) + "</dt><dd>" + escape_html(value);
  if (!beside.empty()) text += " <small>" + escape_html(beside) + "</small>";
  return text + "</dd></div>\n";
}

std::string html_table(std::span<const std::vector<std::string>> rows, bool words) {
  std::string text = words ? "<div class=\"wide\"><table class=\"words\">\n" : "<div class=\"wide\"><table>\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const bool head = r == 0;
    text += "<tr>";
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const std::string tag = head || c == 0 ? "th" : "td";
      text += "<" + tag + (head ? " scope=\"col\">" : c == 0 ? " scope=\"row\">" : ">");
      text += escape_html(rows[r][c]) + "</" + tag + ">";
    }
    text += "</tr>\n";
  }
  return text + "</table></div>\n";
}

std::string picture(Index width, Index height, std::span<const std::uint8_t> planes, std::string_view what) {
  const auto plane = static_cast<std::size_t>(width * height), channels = planes.size() / plane;
  std::vector<std::uint8_t> pixels(planes.size());
  for (std::size_t i = 0; i < planes.size(); ++i) pixels[i % plane * channels + i / plane] = planes[i];
  const std::string png = image::encode_png(width, height, static_cast<int>(channels), pixels);
  return "<img alt=\"" + escape_html(what) + "\" width=\"" + std::to_string(width) + "\" height=\"" +
         std::to_string(height) + "\" src=\"data:image/png;base64," + base64(png) + "\">";
}

}  // namespace mien::eval
