#include "plate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "emoji.hpp"
#include "mien/draw/lettering.hpp"

namespace ferpredict::draw {
namespace {

using mien::Index;

// In dots of the lettering. From the left: padding, emoji, gap, text above the bar, padding.
constexpr Index kHeight = 20;
constexpr Index kEmoji = 16;
constexpr Index kEmojiPadding = (kHeight - kEmoji) / 2;
constexpr Index kTextLeft = kEmojiPadding + kEmoji + 3;
constexpr Index kTextTop = 4;
constexpr Index kBarTop = 13;
constexpr Index kBarHeight = 3;
constexpr Index kRightPadding = 3;
constexpr Index kWordGap = 6;  // at least, between name and percentage
constexpr Index kCorner = 5;

constexpr std::size_t kMaxNameBytes = 16;  // a label may be anything
constexpr double kGroundAlpha = 0.85;
constexpr Color kText = {255, 255, 255};
constexpr double kTrackAlpha = 0.25;

struct Accent {
  std::string_view expression;
  Color color;
};
constexpr std::array<Accent, 8> kAccents = {{{"angry", {244, 78, 59}},
                                             {"disgust", {139, 195, 74}},
                                             {"fear", {160, 116, 240}},
                                             {"happy", {255, 202, 40}},
                                             {"sad", {66, 165, 245}},
                                             {"surprise", {255, 128, 190}},
                                             {"neutral", {190, 202, 214}},
                                             {"contempt", {188, 143, 96}}}};
constexpr Color kUnknownAccent = {150, 150, 150};

Index text_left(const Plate& plate) {
  return plate.emoji ? kTextLeft : kCorner;
}

void measure(Plate& plate) {
  const Index words =
      text_width(plate.name, 1) + (plate.name.empty() ? 0 : kWordGap) + text_width(plate.percent, 1);
  const Index dots = words == 0 ? kHeight : text_left(plate) + words + kRightPadding;
  plate.width = dots * plate.scale;
  plate.height = kHeight * plate.scale;
}

Shape bar(const Plate& plate, Index x, Index y, double part) {
  const auto left = static_cast<double>(x + text_left(plate) * plate.scale);
  const auto right = static_cast<double>(x + plate.width - kRightPadding * plate.scale);
  const auto top = static_cast<double>(y + kBarTop * plate.scale);
  const auto thickness = static_cast<double>(kBarHeight * plate.scale);
  return rounded_box({left, top, left + (right - left) * part, top + thickness}, thickness / 2);
}

}  // namespace

Index label_scale(Index face_edge) {
  constexpr Index kFacePixels = 70;
  return std::max<Index>((face_edge + kFacePixels / 2) / kFacePixels, 1);
}

Plate make_plate(std::string_view expression, float probability, Index scale, Index width, Index height,
                 bool emoji) {
  const double shown = probability > 0 ? std::min(double{probability}, 1.0) : 0;  // NaN: 0
  Plate plate{.expression = std::string(expression),
              .name = std::string(expression.substr(0, kMaxNameBytes)),
              .percent = std::to_string(std::lround(100 * shown)) + "%",
              .probability = shown,
              .emoji = emoji,
              .scale = std::max<Index>(scale, 1)};
  const auto fits = [&] {
    measure(plate);
    return plate.width <= width && plate.height <= height;
  };
  while (!fits() && plate.scale > 1) --plate.scale;
  if (!fits()) plate.name.clear();
  if (!fits()) plate.percent.clear();
  measure(plate);
  return plate;
}

void draw_plate(Canvas& canvas, const Plate& plate, Index x, Index y) {
  const Index scale = plate.scale;
  const auto left = static_cast<double>(x), top = static_cast<double>(y);
  const auto width = static_cast<double>(plate.width), height = static_cast<double>(plate.height);
  canvas.fill_shape(rounded_box({left, top, left + width, top + height}, static_cast<double>(kCorner * scale)),
                    kPlateGround, kGroundAlpha);
  if (plate.emoji) {
    draw_emoji(canvas, plate.expression, left + height / 2, top + height / 2,
               static_cast<double>(kEmoji * scale));
  }
  if (plate.percent.empty()) return;
  const Index text_y = y + kTextTop * scale;
  draw_text(canvas, plate.name, x + text_left(plate) * scale, text_y, scale, kText);
  draw_text(canvas, plate.percent, x + plate.width - kRightPadding * scale - text_width(plate.percent, scale),
            text_y, scale, kText);
  canvas.fill_shape(bar(plate, x, y, 1), kText, kTrackAlpha);
  canvas.fill_shape(bar(plate, x, y, plate.probability), accent_color(plate.expression));
}

Color accent_color(std::string_view expression) {
  const auto found = std::find_if(kAccents.begin(), kAccents.end(),
                                  [&](const Accent& accent) { return accent.expression == expression; });
  return found == kAccents.end() ? kUnknownAccent : found->color;
}

}  // namespace ferpredict::draw
