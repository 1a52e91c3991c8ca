#include "mien/draw/lettering.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace mien::draw {
namespace {

using Rows = std::array<std::string_view, kLetterHeight>;

struct Glyph {
  char character;
  Rows rows;
};

// clang-format off
constexpr std::array<Glyph, 69> kGlyphs = {{
    {'A', {".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"}},
    {'B', {"####.", "#...#", "#...#", "####.", "#...#", "#...#", "####."}},
    {'C', {".###.", "#...#", "#....", "#....", "#....", "#...#", ".###."}},
    {'D', {"####.", "#...#", "#...#", "#...#", "#...#", "#...#", "####."}},
    {'E', {"#####", "#....", "#....", "####.", "#....", "#....", "#####"}},
    {'F', {"#####", "#....", "#....", "####.", "#....", "#....", "#...."}},
    {'G', {".###.", "#...#", "#....", "#.###", "#...#", "#...#", ".###."}},
    {'H', {"#...#", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"}},
    {'I', {"###", ".#.", ".#.", ".#.", ".#.", ".#.", "###"}},
    {'J', {"..###", "...#.", "...#.", "...#.", "...#.", "#..#.", ".##.."}},
    {'K', {"#...#", "#..#.", "#.#..", "##...", "#.#..", "#..#.", "#...#"}},
    {'L', {"#....", "#....", "#....", "#....", "#....", "#....", "#####"}},
    {'M', {"#...#", "##.##", "#.#.#", "#.#.#", "#...#", "#...#", "#...#"}},
    {'N', {"#...#", "#...#", "##..#", "#.#.#", "#..##", "#...#", "#...#"}},
    {'O', {".###.", "#...#", "#...#", "#...#", "#...#", "#...#", ".###."}},
    {'P', {"####.", "#...#", "#...#", "####.", "#....", "#....", "#...."}},
    {'Q', {".###.", "#...#", "#...#", "#...#", "#.#.#", "#..#.", ".##.#"}},
    {'R', {"####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"}},
    {'S', {".####", "#....", "#....", ".###.", "....#", "....#", "####."}},
    {'T', {"#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."}},
    {'U', {"#...#", "#...#", "#...#", "#...#", "#...#", "#...#", ".###."}},
    {'V', {"#...#", "#...#", "#...#", "#...#", "#...#", ".#.#.", "..#.."}},
    {'W', {"#...#", "#...#", "#...#", "#.#.#", "#.#.#", "#.#.#", ".#.#."}},
    {'X', {"#...#", "#...#", ".#.#.", "..#..", ".#.#.", "#...#", "#...#"}},
    {'Y', {"#...#", "#...#", ".#.#.", "..#..", "..#..", "..#..", "..#.."}},
    {'Z', {"#####", "....#", "...#.", "..#..", ".#...", "#....", "#####"}},
    {'0', {".###.", "#...#", "#..##", "#.#.#", "##..#", "#...#", ".###."}},
    {'1', {"..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."}},
    {'2', {".###.", "#...#", "....#", "...#.", "..#..", ".#...", "#####"}},
    {'3', {".###.", "#...#", "....#", "..##.", "....#", "#...#", ".###."}},
    {'4', {"...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."}},
    {'5', {"#####", "#....", "####.", "....#", "....#", "#...#", ".###."}},
    {'6', {"..##.", ".#...", "#....", "####.", "#...#", "#...#", ".###."}},
    {'7', {"#####", "....#", "...#.", "...#.", "..#..", "..#..", "..#.."}},
    {'8', {".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."}},
    {'9', {".###.", "#...#", "#...#", ".####", "....#", "...#.", ".##.."}},
    {'%', {"##...", "##..#", "...#.", "..#..", ".#...", "#..##", "...##"}},
    {'.', {".", ".", ".", ".", ".", ".", "#"}},
    {',', {"..", "..", "..", "..", "..", ".#", "#."}},
    {'-', {"...", "...", "...", "###", "...", "...", "..."}},
    {'\'', {"#", "#", ".", ".", ".", ".", "."}},
    {'/', {"....#", "....#", "...#.", "..#..", ".#...", "#....", "#...."}},
    {'(', {"..#", ".#.", "#..", "#..", "#..", ".#.", "..#"}},
    {')', {"#..", ".#.", "..#", "..#", "..#", ".#.", "#.."}},
    {':', {".", ".", "#", ".", ".", "#", "."}},
    {'_', {".....", ".....", ".....", ".....", ".....", ".....", "#####"}},
    {'+', {".....", "..#..", "..#..", "#####", "..#..", "..#..", "....."}},
    {'&', {".#...", "#.#..", "#.#..", ".#...", "#.#.#", "#..#.", ".##.#"}},
    {'#', {".#.#.", ".#.#.", "#####", ".#.#.", "#####", ".#.#.", ".#.#."}},
    {'!', {"#", "#", "#", "#", "#", ".", "#"}},
    {'?', {".###.", "#...#", "....#", "...#.", "..#..", ".....", "..#.."}},
    {'=', {".....", ".....", "#####", ".....", "#####", ".....", "....."}},
    {'"', {"#.#", "#.#", "#.#", "...", "...", "...", "..."}},
    {'*', {".....", "..#..", "#.#.#", ".###.", "#.#.#", "..#..", "....."}},
    {'@', {".###.", "#...#", "....#", ".##.#", "#.#.#", "#.#.#", ".###."}},
    {'<', {"...#", "..#.", ".#..", "#...", ".#..", "..#.", "...#"}},
    {'>', {"#...", ".#..", "..#.", "...#", "..#.", ".#..", "#..."}},
    {'[', {"###", "#..", "#..", "#..", "#..", "#..", "###"}},
    {']', {"###", "..#", "..#", "..#", "..#", "..#", "###"}},
    {';', {"..", "##", "##", "..", "##", ".#", "#."}},
    {'~', {".....", ".....", ".#...", "#.#.#", "...#.", ".....", "....."}},
    {'$', {"..#..", ".####", "#.#..", ".###.", "..#.#", "####.", "..#.."}},
    {'^', {"..#..", ".#.#.", "#...#", ".....", ".....", ".....", "....."}},
    {'|', {"#", "#", "#", "#", "#", "#", "#"}},
    {'\\', {".....", "#....", ".#...", "..#..", "...#.", "....#", "....."}},
    {'{', {"..#", ".#.", ".#.", "#..", ".#.", ".#.", "..#"}},
    {'}', {"#..", ".#.", ".#.", "..#", ".#.", ".#.", "#.."}},
    {'`', {"#..", ".#.", "..#", "...", "...", "...", "..."}},
    {' ', {"...", "...", "...", "...", "...", "...", "..."}},
}};
// clang-format on
constexpr Rows kBox = {"#####", "#...#", "#...#", "#...#", "#...#", "#...#", "#####"};

constexpr Index kGap = 1;  // dots between letters

const Rows& rows_of(char c) {
  const char capital = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto found = std::find_if(kGlyphs.begin(), kGlyphs.end(),
                                  [&](const Glyph& glyph) { return glyph.character == capital; });
  return found == kGlyphs.end() ? kBox : found->rows;
}

Index width_of(const Rows& rows) {
  return static_cast<Index>(rows[0].size());
}

/// Whether this byte goes on with a character of UTF-8 that has its box already.
bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Rows and columns of a glyph; nothing is set outside.
bool is_set(const Rows& rows, Index row, Index column) {
  return row >= 0 && row < kLetterHeight && column >= 0 && column < width_of(rows) &&
         rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] == '#';
}

/// Strokes between neighboring dots, so that enlarged letters have smooth slopes and round corners. Diagonal
/// neighbors are joined where no third dot makes a corner between them.
std::vector<Shape> strokes_of(const Rows& rows) {
  std::vector<Shape> strokes;
  for (Index row = 0; row < kLetterHeight; ++row) {
    for (Index column = 0; column < width_of(rows); ++column) {
      if (!is_set(rows, row, column)) continue;
      const Point dot{static_cast<double>(column) + 0.5, static_cast<double>(row) + 0.5};
      const auto join = [&](double dx, double dy) {
        strokes.push_back(stroke({dot, {dot.x + dx, dot.y + dy}}, 1));
      };
      const bool right = is_set(rows, row, column + 1), under = is_set(rows, row + 1, column);
      const bool left = is_set(rows, row, column - 1);
      join(0, 0);
      if (right) join(1, 0);
      if (under) join(0, 1);
      if (!under && !right && is_set(rows, row + 1, column + 1)) join(1, 1);
      if (!under && !left && is_set(rows, row + 1, column - 1)) join(-1, 1);
    }
  }
  return strokes;
}

/// One shape of all strokes: blended one by one, their smooth edges would show where they meet.
Shape letter(const Rows& rows) {
  return {{0, 0, static_cast<double>(width_of(rows)), static_cast<double>(kLetterHeight)},
          [strokes = strokes_of(rows)](Point p) {
            double least = std::numeric_limits<double>::infinity();
            for (const Shape& s : strokes) least = std::min(least, s.distance(p));
            return least;
          }};
}

}  // namespace

Index text_width(std::string_view text, Index scale) {
  Index dots = 0;
  for (const char c : text) {
    if (!continues(c)) dots += width_of(rows_of(c)) + kGap;
  }
  return std::max<Index>(dots - kGap, 0) * scale;
}

void draw_text(Canvas& canvas, std::string_view text, Index x, Index y, Index scale, Color color) {
  for (const char c : text) {
    if (x >= canvas.width() || y >= canvas.height()) return;
    if (continues(c)) continue;
    const Rows& rows = rows_of(c);
    canvas.fill_shape(letter(rows), color, 1,
                      {{static_cast<double>(x), static_cast<double>(y)}, static_cast<double>(scale)});
    x += (width_of(rows) + kGap) * scale;
  }
}

}  // namespace mien::draw
