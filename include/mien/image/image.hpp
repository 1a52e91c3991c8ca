// Pictures of 8 bits a value: gray, which models see, and color, to be drawn on.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mien/core/shape.hpp"

namespace mien::image {

/// Where a decoder has made a picture smaller than the file's, because that has too many pixels.
struct Reduction {
  Index by = 1;                 ///< 1, 2, 4 or 8: how many of the file's pixels an edge of a pixel stands for
  Index width = 0, height = 0;  ///< of the whole picture as it is to be shown; 0 where `by` is 1

  friend bool operator==(const Reduction& a, const Reduction& b) = default;
};

/// Of a picture whose planes, of gray or of red, green and blue, lie one behind the other: what networks are
/// given.
struct PictureShape {
  Index height = 0, width = 0;
  Index channels = 1;

  Index plane() const { return height * width; }
  Index size() const { return channels * plane(); }

  friend bool operator==(const PictureShape& a, const PictureShape& b) = default;
};

/// What is taken to lie beyond a picture where nothing of it is repeated: by networks that find faces, and
/// where they learn.
inline constexpr std::uint8_t kMiddleGray = 128;

/// `pixels` holds height rows of width values, the top row first; 0 is black, 255 is white.
struct GrayImage {
  Index width = 0;
  Index height = 0;
  std::vector<std::uint8_t> pixels;
  Reduction reduction = {};

  friend bool operator==(const GrayImage& a, const GrayImage& b) = default;
};

/// `pixels` holds height rows of width pixels, the top row first, each pixel as red, green and blue, 0 .. 255.
struct RgbImage {
  Index width = 0;
  Index height = 0;
  std::vector<std::uint8_t> pixels;
  Reduction reduction = {};

  friend bool operator==(const RgbImage& a, const RgbImage& b) = default;
};

/// Red, green and blue by themselves, each with the picture's reduction.
std::array<GrayImage, 3> planes_of(const RgbImage& image);

}  // namespace mien::image
