#include "mien/eval/plots.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/eval/samples.hpp"
#include "mien/image/decode.hpp"
#include "support/catch.hpp"
#include "support/markup.hpp"
#include "support/temporary_folder.hpp"

using mien::eval::Confusion;
using mien::eval::CurvePoint;
using mien::eval::draw_samples;
using mien::eval::LearningCurves;
using mien::eval::SampleRow;
using mien::test::has;
using mien::test::occurrences;

namespace {

/// Tags closed in order, no stray '<' or '&', nothing that is not a number among the coordinates.
bool well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = svg.find('<', svg.find("?>")); at != std::string::npos; at = svg.find('<', at + 1)) {
    const std::size_t end = svg.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (has(tag, "<") || occurrences(tag, "\"") % 2 != 0) return false;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
  }
  return open.empty() && !has(svg, "nan") && !has(svg, "inf");
}

LearningCurves one_curve(std::vector<CurvePoint> points) {
  LearningCurves curves;
  curves.loss = {{"training", std::move(points)}};
  return curves;
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("learning curves have axes with round values and a legend") {
  LearningCurves curves = one_curve({{1, 1.8}, {2, 1.2}, {3, 0.9}});
  curves.loss.push_back({"validation", {{1, 1.7}, {2, 1.4}, {3, 1.3}}});
  curves.accuracy = {{"training", {{1, 0.31}, {2, 0.5}, {3, 0.62}}}};
  const std::string svg = learning_curves_svg(curves);
  REQUIRE(well_formed(svg));
  REQUIRE(has(svg, "width=\"800.0\" height=\"400.0\""));
  for (const char* text :
       {">Loss<", ">Accuracy<", ">epoch<", ">validation<", ">0.8<", ">1.8<", ">0.30<", ">0.65<"}) {
    INFO(text);
    REQUIRE(has(svg, text));
  }
  REQUIRE(occurrences(svg, "<polyline") == 3 + 3);  // lines and legend
}

TEST_CASE("names are escaped") {
  LearningCurves curves = one_curve({{0, 1}, {1, 2}});
  curves.title = "a <b> & \"c\" \x01 \xff";
  const std::string svg = learning_curves_svg(curves);
  REQUIRE(well_formed(svg));
  REQUIRE(has(svg, "a &lt;b&gt; &amp; &quot;c&quot; \xef\xbf\xbd \xef\xbf\xbd<"));
}

TEST_CASE("one point, none and equal values are drawn") {
  REQUIRE(occurrences(learning_curves_svg(one_curve({{5, 2.5}})), "<circle") == 1);
  const std::string empty = learning_curves_svg(LearningCurves());
  REQUIRE(well_formed(empty));
  REQUIRE(occurrences(empty, "no values") == 2);
  REQUIRE(well_formed(learning_curves_svg(one_curve({{1, 0.5}, {2, 0.5}}))));
  REQUIRE(well_formed(learning_curves_svg(one_curve({{1, 0}, {2, 0}}))));
  REQUIRE(well_formed(learning_curves_svg(one_curve({{1, 1e140}, {2, -1e140}, {3, 1e200}}))));
  REQUIRE(well_formed(learning_curves_svg(one_curve({{1, 1e-300}, {2, 5e-324}}))));
}

TEST_CASE("what is not finite interrupts a curve") {
  const std::string svg = learning_curves_svg(
      one_curve({{1, 3}, {2, 2}, {3, kNan}, {4, 1}, {5, 2}, {6, INFINITY}, {kNan, 1}, {7, 1}}));
  REQUIRE(well_formed(svg));
  REQUIRE(occurrences(svg, "<polyline") == 2 + 1);  // two runs and the legend; the last point is alone
  REQUIRE(occurrences(svg, "<circle") == 5);
}

TEST_CASE("very many points make a small picture") {
  std::vector<CurvePoint> points;
  for (int i = 0; i < 200000; ++i) points.push_back({static_cast<double>(i), 1 + 0.5 * std::sin(i * 0.7)});
  points[100000].y = 9;  // a spike must survive
  const std::string svg = learning_curves_svg(one_curve(points));
  REQUIRE(well_formed(svg));
  REQUIRE(svg.size() < 60000);
  REQUIRE(occurrences(svg, "<circle") == 0);
  REQUIRE(has(svg, ">8<"));
  REQUIRE(has(svg, "stroke-opacity=\"0.3\""));
}

TEST_CASE("the confusion picture shows counts and shares of the row") {
  Confusion m({"angry", "b&w", "none"});
  m.add(0, 0);
  m.add(0, 0);
  m.add(0, 1);
  m.add(1, 1);
  const std::string svg = confusion_svg(m, "PrivateTest");
  REQUIRE(well_formed(svg));
  REQUIRE(occurrences(svg, "<rect") == 1 + 9);
  REQUIRE(has(svg, ">66.7 %<"));
  REQUIRE(has(svg, ">33.3 %<"));
  REQUIRE(has(svg, ">100.0 %<"));
  REQUIRE(occurrences(svg, ">-<") == 3);  // a class without rows
  REQUIRE(occurrences(svg, "b&amp;w") == 2);
  REQUIRE(has(svg, ">actual<"));
  REQUIRE(has(svg, ">predicted<"));
}

TEST_CASE("a sheet of samples has its images and labels in place") {
  const std::vector<std::uint8_t> dark(6, 10), gray = {0, 50, 100, 150, 200, 255};
  const std::vector<SampleRow> rows = {{"I", {dark, gray}}, {"x", {gray}}};
  const mien::image::GrayImage sheet = draw_samples(3, 2, rows);
  REQUIRE(sheet.width == 12 + 6 + 4 + 6 + 12);
  REQUIRE(sheet.height == 12 + 2 * (20 + 4 + 12));
  const auto at = [&](mien::Index x, mien::Index y) {
    return sheet.pixels[static_cast<std::size_t>(y * sheet.width + x)];
  };
  REQUIRE(at(12, 32) == 10);
  REQUIRE(at(17, 35) == 10);
  REQUIRE(at(18, 32) == 255);  // the gap
  REQUIRE(at(22, 32) == 0);
  REQUIRE(at(23, 33) == 0);
  REQUIRE(at(24, 32) == 50);
  REQUIRE(at(27, 35) == 255);
  REQUIRE(at(26, 33) == 100);
  REQUIRE(at(12, 68) == 0);   // the second row
  REQUIRE(at(14, 18) == 34);  // the stem of the I, two pixels wide
  REQUIRE(at(15, 20) == 34);
  REQUIRE(at(12, 18) == 255);
}

TEST_CASE("a sheet of samples is written as PNG") {
  const mien::test::TemporaryFolder folder;
  const std::vector<std::uint8_t> image(48 * 48, 99);
  const std::vector<SampleRow> rows = {{"a label much longer than its only image is wide", {image}},
                                       {"\xc3\xa9", {}}};
  write_samples_png(folder / "samples.png", {48, 48}, rows);
  REQUIRE(mien::image::read_gray(folder / "samples.png") == draw_samples(48, 48, rows));
}

TEST_CASE("a sheet of samples refuses what does not fit") {
  const std::vector<std::uint8_t> image(6, 0);
  const std::vector<SampleRow> wrong = {{"a", {image}}};
  REQUIRE_THROWS_AS(draw_samples(3, 3, wrong), mien::ArgumentError);
  REQUIRE_THROWS_AS(draw_samples(0, 2, wrong), mien::ArgumentError);
  REQUIRE_THROWS_AS(draw_samples(3, 2, {}), mien::ArgumentError);
  const std::vector<SampleRow> many(20000, {"a", {image}});
  REQUIRE_THROWS_AS(draw_samples(3, 2, many), mien::ArgumentError);
}
