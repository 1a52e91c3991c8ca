#include "crop_picture.hpp"

#include <algorithm>

#include "mien/draw/canvas.hpp"
#include "mien/image/resize.hpp"
#include "plate.hpp"

namespace ferpredict::draw {
namespace {

using mien::Index;
using mien::image::RgbImage;

constexpr Index kWanted = 192;    // pixels: a crop whose shorter edge has fewer is enlarged
constexpr Index kLongest = 1024;  // pixels, of the longer edge of one that is

Index magnification(const RgbImage& crop) {
  const Index shorter = std::min(crop.width, crop.height), longer = std::max(crop.width, crop.height);
  return std::max<Index>(std::min((kWanted + shorter - 1) / shorter, kLongest / longer), 1);
}

RgbImage enlarge(const RgbImage& image, Index times) {
  RgbImage result{image.width * times, image.height * times, {}};
  result.pixels.resize(static_cast<std::size_t>(result.width * result.height * 3));
  const auto planes = mien::image::planes_of(image);
  for (std::size_t which = 0; which < planes.size(); ++which) {
    const auto larger = mien::image::resize(planes[which], result.width, result.height);
    for (std::size_t i = 0; i < larger.pixels.size(); ++i) result.pixels[3 * i + which] = larger.pixels[i];
  }
  return result;
}

void paste(const RgbImage& part, RgbImage& onto, Index x, Index y) {
  for (Index row = 0; row < part.height; ++row) {
    std::copy_n(part.pixels.begin() + row * part.width * 3, part.width * 3,
                onto.pixels.begin() + ((y + row) * onto.width + x) * 3);
  }
}

}  // namespace

RgbImage crop_picture(const RgbImage& crop, std::string_view expression, float probability, bool emoji) {
  RgbImage face = crop;
  (void)Canvas(face);  // checks its size
  if (const Index times = magnification(face); times > 1) face = enlarge(face, times);
  const Index scale = label_scale(std::min(face.width, face.height)), frame = scale + 1;
  const Index framed_width = face.width + 2 * frame, framed_height = face.height + 2 * frame;
  const Index width = std::max(framed_width, kWanted);
  const Plate plate = make_plate(expression, probability, scale, width, framed_height, emoji);

  RgbImage picture{width, framed_height + plate.height, {}};
  picture.pixels.resize(static_cast<std::size_t>(picture.width * picture.height * 3));
  Canvas canvas(picture);
  canvas.fill_rectangle({0, 0, picture.width, picture.height}, kPlateGround);
  const Index left = (width - framed_width) / 2;
  paste(face, picture, left + frame, frame);
  canvas.frame({left, 0, framed_width, framed_height}, frame, accent_color(expression));
  draw_plate(canvas, plate, (width - plate.width) / 2, framed_height);
  return picture;
}

}  // namespace ferpredict::draw
