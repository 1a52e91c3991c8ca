// Photos with bright squares on a dark ground, a cascade that takes them for faces, and a model.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "cli.hpp"
#include "support/cascade_text.hpp"

namespace mien::test {

inline constexpr Index kWidth = 200, kHeight = 150;

struct Square {
  Index x, y, edge;
};

/// As a PGM file.
inline std::string photo(const std::vector<Square>& squares, Index width = kWidth, Index height = kHeight) {
  std::string pixels(static_cast<std::size_t>(width * height), '\x14');
  for (const Square& square : squares) {
    for (Index row = square.y; row < square.y + square.edge; ++row) {
      std::fill_n(pixels.begin() + row * width + square.x, square.edge, '\xc8');
    }
  }
  return "P5 " + std::to_string(width) + " " + std::to_string(height) + " 255\n" + pixels;
}

class Album : public Workplace {
 public:
  Album() : model(train()) {
    cascade = write("squares.xml", bright_square().xml());
    two = write("two.pgm", photo({{20, 20, 20}, {100, 50, 40}}));
    one = write("one.pgm", photo({{60, 40, 30}}));
    none = write("none.pgm", photo({}));
  }
  ProgramResult predict(const std::vector<std::string>& arguments, const ProgramOptions& options = {}) const {
    return ferpredict(
        std::vector<std::string>{"--model", model, "--cascade", cascade, "--min-face", "12"} + arguments,
        options);
  }

  std::string model, cascade, two, one, none;
};

inline const Json& image_at(const Json& document, std::size_t i) {
  return document.at("images").as_array().at(i);
}

}  // namespace mien::test
