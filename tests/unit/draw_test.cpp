#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ferpredict/draw/annotate.hpp"
#include "ferpredict/draw/crop_picture.hpp"
#include "ferpredict/draw/emoji.hpp"
#include "ferpredict/draw/plate.hpp"
#include "mien/core/error.hpp"
#include "mien/draw/canvas.hpp"
#include "mien/draw/lettering.hpp"
#include "support/catch.hpp"

using mien::Index;
using mien::image::RgbImage;
using namespace ferpredict::draw;

namespace {

using Pixel = std::array<int, 3>;

constexpr Pixel kGround = {40, 80, 120};
constexpr Color kRed = {255, 0, 0};
constexpr std::array kExpressions = {"angry", "disgust",  "fear",    "happy",
                                     "sad",   "surprise", "neutral", "contempt"};
constexpr Index kLargest = std::numeric_limits<Index>::max();
constexpr Index kSmallest = std::numeric_limits<Index>::min();

RgbImage ground(Index width, Index height) {
  RgbImage image{width, height, {}};
  for (Index i = 0; i < width * height; ++i) {
    for (const int value : kGround) image.pixels.push_back(static_cast<std::uint8_t>(value));
  }
  return image;
}

Pixel pixel(const RgbImage& image, Index x, Index y) {
  const std::uint8_t* p = image.pixels.data() + (y * image.width + x) * 3;
  return {p[0], p[1], p[2]};
}

/// How many pixels differ from the ground, within a rectangle or all over.
Index changed(const RgbImage& image, const Rectangle& within) {
  Index count = 0;
  for (Index y = within.y; y < within.y + within.height; ++y) {
    for (Index x = within.x; x < within.x + within.width; ++x) count += pixel(image, x, y) != kGround ? 1 : 0;
  }
  return count;
}

Index changed(const RgbImage& image) {
  return changed(image, {0, 0, image.width, image.height});
}

RgbImage emoji(std::string_view expression, double diameter) {
  const auto edge = static_cast<Index>(diameter);
  RgbImage image = ground(edge, edge);
  Canvas canvas(image);
  draw_emoji(canvas, expression, diameter / 2, diameter / 2, diameter);
  return image;
}

/// Mean difference of a value.
double difference(const RgbImage& a, const RgbImage& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

/// '#' where a picture is red, '.' where it is ground, '+' between.
std::vector<std::string> rows_of(const RgbImage& image) {
  std::vector<std::string> rows;
  for (Index y = 0; y < image.height; ++y) {
    rows.emplace_back();
    for (Index x = 0; x < image.width; ++x) {
      const Pixel p = pixel(image, x, y);
      rows.back() += p == Pixel{255, 0, 0} ? '#' : p == kGround ? '.' : '+';
    }
  }
  return rows;
}

std::vector<std::string> text_rows(std::string_view text, Index scale) {
  RgbImage image = ground(text_width(text, scale), kLetterHeight * scale);
  Canvas canvas(image);
  draw_text(canvas, text, 0, 0, scale, kRed);
  return rows_of(image);
}

}  // namespace

TEST_CASE("rectangles are filled, blended and cut at the edges") {
  RgbImage image = ground(4, 3);
  Canvas canvas(image);
  canvas.fill_rectangle({1, 1, 2, 5}, kRed);
  CHECK(rows_of(image) == std::vector<std::string>{"....", ".##.", ".##."});
  canvas.fill_rectangle({-2, -2, 3, 3}, kRed, 0.5);
  CHECK(pixel(image, 0, 0) == Pixel{148, 40, 60});
  CHECK(changed(image) == 5);
}

TEST_CASE("rectangles far outside or without end change nothing else") {
  RgbImage image = ground(4, 3);
  Canvas canvas(image);
  for (const Rectangle& r :
       {Rectangle{4, 0, 9, 9}, Rectangle{-9, 0, 9, 9}, Rectangle{0, 3, 9, 9}, Rectangle{0, -9, 9, 9},
        Rectangle{1, 1, 0, 1}, Rectangle{1, 1, 1, -1}, Rectangle{kLargest, kLargest, kLargest, kLargest},
        Rectangle{kSmallest, kSmallest, 5, 5}, Rectangle{1, 1, kSmallest, kSmallest},
        Rectangle{kSmallest, kSmallest, kLargest, kLargest}}) {
    canvas.fill_rectangle(r, kRed);
    canvas.frame(r, 2, kRed);
    canvas.frame(r, kLargest, kRed);
  }
  CHECK(changed(image) == 0);
  canvas.frame({-5, -5, kLargest, kLargest}, 5, kRed);
  CHECK(changed(image) == 0);
  canvas.fill_rectangle({-5, 1, kLargest, kLargest}, kRed);
  CHECK(rows_of(image) == std::vector<std::string>{"....", "####", "####"});
}

TEST_CASE("a frame is as thick as asked for, blends each pixel once and fills what has no inside") {
  RgbImage image = ground(7, 6);
  Canvas canvas(image);
  canvas.frame({0, 0, 7, 6}, 2, kRed);
  CHECK(rows_of(image) ==
        std::vector<std::string>{"#######", "#######", "##...##", "##...##", "#######", "#######"});
  RgbImage pale = ground(7, 6);
  Canvas(pale).frame({1, 1, 5, 4}, 1, kRed, 0.5);
  CHECK(changed(pale) == 14);
  CHECK(pixel(pale, 1, 1) == Pixel{148, 40, 60});
  CHECK(pixel(pale, 3, 1) == Pixel{148, 40, 60});
  RgbImage full = ground(3, 2);
  Canvas(full).frame({0, 0, 3, 2}, 1, kRed);
  CHECK(changed(full) == 6);
}

TEST_CASE("shapes cover pixels by how much of them lies inside") {
  RgbImage image = ground(6, 4);
  Canvas canvas(image);
  canvas.fill_shape(rounded_box({1, 1, 3.5, 3}, 0), kRed);
  CHECK(rows_of(image) == std::vector<std::string>{"......", ".##+..", ".##+..", "......"});
  CHECK(pixel(image, 3, 1) == Pixel{148, 40, 60});
}

TEST_CASE("a disc covers its area") {
  RgbImage image = ground(40, 40);
  Canvas(image).fill_shape(disc({20, 20}, 15), {255, 255, 255});
  double area = 0;
  for (Index i = 0; i < 1600; ++i) {
    area += (image.pixels[static_cast<std::size_t>(3 * i)] - kGround[0]) / double{255 - kGround[0]};
  }
  CHECK(std::abs(area - 3.14159265 * 15 * 15) < 3);
}

TEST_CASE("shapes far outside or huge are cut at the edges") {
  RgbImage image = ground(4, 3);
  Canvas canvas(image);
  for (const double far : {-1e300, -1e9, 1e9, 1e300}) {
    canvas.fill_shape(disc({far, 1}, 5), kRed);
    canvas.fill_shape(disc({1, far}, 5), kRed);
    draw_emoji(canvas, "happy", far, far, 50);
  }
  draw_emoji(canvas, "happy", 2, 1, 0);
  draw_text(canvas, "HAPPY", kLargest, 0, 3, kRed);
  draw_text(canvas, "HAPPY", 0, kLargest, 3, kRed);
  draw_text(canvas, "HAPPY", -1000, kSmallest, 3, kRed);
  CHECK(changed(image) == 0);
  canvas.fill_shape(disc({0, 0}, 1e9), kRed);
  CHECK(changed(image) == 12);
}

TEST_CASE("a canvas needs a picture whose pixels match its size") {
  RgbImage none, wrong{2, 2, std::vector<std::uint8_t>(11)};
  CHECK_THROWS_AS(Canvas(none), mien::ArgumentError);
  CHECK_THROWS_AS(Canvas(wrong), mien::ArgumentError);
  CHECK_THROWS_AS(annotate(none, {}), mien::ArgumentError);
}

TEST_CASE("every emoji differs from every other, at every size") {
  std::vector<const char*> names(kExpressions.begin(), kExpressions.end());
  names.push_back("something else");
  for (const double diameter : {16.0, 24.0, 96.0}) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        INFO(names[i] << " and " << names[j] << " at " << diameter);
        CHECK(difference(emoji(names[i], diameter), emoji(names[j], diameter)) > 8);
      }
    }
  }
}

TEST_CASE("an emoji keeps inside its disc's square and fills its disc") {
  for (const char* name : {"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "else"}) {
    for (const double diameter : {24.0, 61.0}) {
      INFO(name << " at " << diameter);
      RgbImage image = ground(100, 100);
      Canvas canvas(image);
      draw_emoji(canvas, name, 40, 50, diameter);
      const auto left = static_cast<Index>(std::floor(40 - diameter / 2));
      const auto top = static_cast<Index>(std::floor(50 - diameter / 2));
      const auto edge = static_cast<Index>(std::ceil(diameter / 2)) * 2;
      CHECK(changed(image) == changed(image, {left, top, edge, edge}));
      CHECK(std::abs(static_cast<double>(changed(image)) - 3.14159 * diameter * diameter / 4) < 4 * diameter);
    }
  }
}

TEST_CASE("the corners of a smile are higher than its middle, those of a frown lower") {
  // Rows of the mouth, from above: does the first dark one lie in the middle?
  const auto starts_in_the_middle = [](const char* name) {
    const RgbImage image = emoji(name, 200);
    const auto dark = [&](Index x) {
      for (Index y = 120; y < 190; ++y) {
        const Pixel p = pixel(image, x, y);
        if (p[0] < 120 && p[1] < 80) return y;
      }
      return Index{200};
    };
    return dark(100) < dark(80);
  };
  CHECK(starts_in_the_middle("angry"));
  CHECK(starts_in_the_middle("sad"));
  CHECK_FALSE(starts_in_the_middle("happy"));
  CHECK_FALSE(starts_in_the_middle("neutral"));
}

TEST_CASE("text has a width in whole dots") {
  CHECK(text_width("", 3) == 0);
  CHECK(text_width("H", 1) == 5);
  CHECK(text_width("HI", 1) == 5 + 1 + 3);
  CHECK(text_width("HI", 4) == 4 * 9);
  CHECK(text_width("hi", 4) == 4 * 9);
  CHECK(text_width("\xc3\xa9", 1) == 5);  // one character, one box
  CHECK(text_width("surprise", 1) == 7 * 5 + 3 + 7);
  CHECK(text_width("|", 1) == 1);
}

TEST_CASE("all of ASCII that can be printed has a shape") {
  const auto box = text_rows("\xc3\xa9", 1);
  for (char c = ' '; c <= '~'; ++c) {
    INFO(c);
    CHECK(text_rows(std::string(1, c), 1) != box);
  }
}

TEST_CASE("letters have their shapes") {
  const std::vector<std::string> hi = {"#...#.###", "#...#..#.", "#...#..#.", "#####..#.",
                                       "#...#..#.", "#...#..#.", "#...#.###"};
  CHECK(text_rows("HI", 1) == hi);
  CHECK(text_rows("hi", 1) == hi);
  CHECK(text_rows("\xc3\xa9", 1) ==
        std::vector<std::string>{"#####", "#...#", "#...#", "#...#", "#...#", "#...#", "#####"});
  CHECK(text_rows("-", 2)[6] == "+####+");  // round ends
  CHECK(text_rows("-", 2)[5] == "......");
  std::map<std::vector<std::string>, char> shapes;
  for (const char c : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%.,-'/():")) {
    INFO(c);
    CHECK(shapes.emplace(text_rows(std::string(1, c), 1), c).second);
  }
}

TEST_CASE("a face keeps its pixels when there is room around it") {
  for (const char* name :
       {"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "something else"}) {
    RgbImage image = ground(300, 260);
    const std::vector<Annotation> faces = {{100, 80, 80, 90, name, 0.7F}};
    annotate(image, faces);
    CHECK(changed(image, {100, 80, 80, 90}) == 0);
    const Color accent = accent_color(name);
    const Pixel frame = {accent.red, accent.green, accent.blue};
    CHECK(pixel(image, 99, 79) == frame);
    CHECK(pixel(image, 180, 170) == frame);
    CHECK(changed(image, {0, 176, 300, 84}) > 1000);  // the label, beneath
    CHECK(changed(image, {0, 0, 300, 70}) == 0);
  }
}

TEST_CASE("a label goes above or beside a face that reaches the lower edge") {
  RgbImage above = ground(300, 200), beside = ground(300, 120);
  annotate(above, std::vector<Annotation>{{100, 110, 90, 90, "sad", 0.5F}});
  CHECK(changed(above, {100, 110, 90, 87}) == 0);
  CHECK(changed(above, {0, 50, 300, 57}) > 1000);
  annotate(beside, std::vector<Annotation>{{20, 10, 105, 105, "sad", 0.5F}});
  CHECK(changed(beside, {20, 10, 105, 105}) == 0);
  CHECK(changed(beside, {140, 0, 160, 120}) > 1000);
}

TEST_CASE("labels of neighboring faces leave each other alone") {
  RgbImage image = ground(400, 300);
  annotate(image, std::vector<Annotation>{{100, 60, 60, 60, "sad", 0.5F}, {100, 130, 60, 60, "happy", 0.5F}});
  CHECK(changed(image, {100, 60, 60, 60}) == 0);
  CHECK(changed(image, {100, 130, 60, 60}) == 0);
}

TEST_CASE("a longer bar stands for a larger probability") {
  const auto colored = [](float probability) {
    RgbImage image = ground(300, 200);
    annotate(image, std::vector<Annotation>{{100, 20, 90, 90, "happy", probability}});
    const Color accent = accent_color("happy");
    Index count = 0;
    for (Index y = 115; y < 200; ++y) {
      for (Index x = 0; x < 300; ++x)
        count += pixel(image, x, y) == Pixel{accent.red, accent.green, accent.blue};
    }
    return count;
  };
  CHECK(colored(0.2F) < colored(0.5F));
  CHECK(colored(0.5F) < colored(1));
  CHECK(colored(1) == colored(3));
  CHECK(colored(0) == colored(-1));
  CHECK(colored(0) == colored(std::numeric_limits<float>::quiet_NaN()));
}

TEST_CASE("a plate shrinks to the room there is, then drops the name and the percentage") {
  const Plate full = make_plate("surprise", 1, 3, 1000, 1000);
  CHECK(full.scale == 3);
  CHECK(full.name == "surprise");
  CHECK(full.percent == "100%");
  CHECK(make_plate("surprise", 0.974F, 3, full.width - 6, 1000).percent == "97%");
  CHECK(make_plate("surprise", 1, 3, full.width - 1, 1000).scale == 2);
  CHECK(make_plate("surprise", 1, 3, 1000, full.height - 1).scale == 2);
  const Plate small = make_plate("surprise", 1, 3, 48, 48);
  CHECK(small.name.empty());
  CHECK(small.percent == "100%");
  CHECK(small.width <= 48);
  CHECK(make_plate("surprise", 1, 3, 20, 20).percent.empty());
  CHECK(make_plate(std::string(100, 'x'), 1, 1, 1000, 1000).width < 200);
}

TEST_CASE("pictures and faces of any size can be annotated") {
  for (const auto& [width, height] : {std::pair<Index, Index>{1, 1}, {1, 500}, {500, 1}, {20, 20}, {48, 48}}) {
    RgbImage image = ground(width, height);
    annotate(image, std::vector<Annotation>{{0, 0, width, height, "fear", 0.9F}, {-5, -5, 1000, 1000, "", 0}});
    CHECK(image.width == width);
    CHECK(image.height == height);
    CHECK(static_cast<Index>(image.pixels.size()) == width * height * 3);
    CHECK(changed(image) > 0);
  }
  RgbImage image = ground(60, 50);
  annotate(image, std::vector<Annotation>{{60, 0, 10, 10, "fear", 0.9F},
                                          {-10, 0, 10, 10, "fear", 0.9F},
                                          {10, 10, 0, 10, "fear", 0.9F},
                                          {10, 10, 10, -3, "fear", 0.9F},
                                          {kLargest, kLargest, kLargest, kLargest, "fear", 0.9F},
                                          {kSmallest, kSmallest, kLargest, kLargest, "fear", 0.9F}});
  CHECK(changed(image) == 0);
  annotate(image, std::vector<Annotation>{{-100, -100, kLargest, kLargest, "fear", 0.9F}});
  CHECK(changed(image) > 0);
}

TEST_CASE("a small crop is enlarged, and nothing of it is covered") {
  struct Case {
    Index width, height, times;
  };
  const Case cases[] = {{48, 48, 4},   {64, 64, 3}, {100, 120, 2}, {192, 192, 1},
                        {500, 400, 1}, {1, 1, 192}, {8, 400, 2},   {20, 48, 10}};
  for (const Case& c : cases) {
    INFO(c.width << " x " << c.height);
    const RgbImage picture = crop_picture(ground(c.width, c.height), "happy", 0.9f);
    CHECK(picture.width > c.times * c.width);
    CHECK(picture.height > c.times * c.height + 20);
    Index kept = 0;
    for (Index y = 0; y < picture.height; ++y) {
      for (Index x = 0; x < picture.width; ++x) kept += pixel(picture, x, y) == kGround ? 1 : 0;
    }
    CHECK(kept == c.times * c.width * c.times * c.height);
  }
  REQUIRE_THROWS_AS(crop_picture({4, 4, std::vector<std::uint8_t>(47)}, "happy", 0.5f), mien::ArgumentError);
}

TEST_CASE("the picture of a crop is its own pixels in the middle, color by color") {
  RgbImage crop = ground(200, 200);
  crop.pixels[0] = 1, crop.pixels[1] = 2, crop.pixels[2] = 3;
  const RgbImage picture = crop_picture(crop, "sad", 0.5f);
  const Index frame = (picture.width - 200) / 2;
  CHECK(pixel(picture, frame, frame) == Pixel{1, 2, 3});
  CHECK(pixel(picture, frame + 1, frame) == kGround);
  const RgbImage larger = crop_picture(RgbImage{1, 1, {9, 8, 7}}, "sad", 0.5f);
  CHECK(pixel(larger, larger.width / 2, larger.width / 2) == Pixel{9, 8, 7});
}
