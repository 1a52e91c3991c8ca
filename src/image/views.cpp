#include "mien/image/views.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/image/resize.hpp"

namespace mien::image {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"none", "mirror", "full", "scales"};
constexpr std::array<Index, 4> kCounts = {1, 2, 12, 6};
constexpr double kNarrowestView = 0.95;

/// 44/48 of an edge, rounded: what ten-crop testing takes of FER2013's 48 pixels.
Index part_of(Index edge) {
  return std::max<Index>((edge * 44 + 24) / 48, 1);
}

GrayImage cut(const GrayImage& image, Index left, Index top, Index width, Index height) {
  GrayImage result{width, height, {}};
  result.pixels.reserve(static_cast<std::size_t>(width * height));
  for (Index y = top; y < top + height; ++y) {
    const auto row = image.pixels.begin() + y * image.width + left;
    result.pixels.insert(result.pixels.end(), row, row + width);
  }
  return result;
}

Index times(Index edge, double factor) {
  return std::max<Index>(std::llround(static_cast<double>(edge) * factor), 1);
}

void check(const GrayImage& crop) {
  if (crop.width < 1 || crop.height < 1 || static_cast<Index>(crop.pixels.size()) != crop.width * crop.height) {
    throw ArgumentError("[make_views] " + std::to_string(crop.width) + "x" + std::to_string(crop.height) +
                        " with " + std::to_string(crop.pixels.size()) + " pixels");
  }
}

}  // namespace

Views parse_views(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    throw ArgumentError("unknown views " + quote(name) + ", expected none, mirror, full or scales");
  }
  return static_cast<Views>(found - kNames.begin());
}

std::string_view to_string(Views views) {
  return kNames[static_cast<std::size_t>(views)];
}

Index view_count(Views views) {
  return kCounts[static_cast<std::size_t>(views)];
}

GrayImage mirrored(const GrayImage& image) {
  GrayImage result = image;
  for (auto row = result.pixels.begin(); row != result.pixels.end(); row += image.width) {
    std::reverse(row, row + image.width);
  }
  return result;
}

std::vector<GrayImage> make_views(const GrayImage& crop, Views views) {
  check(crop);
  if (views == Views::scales) return scaled_views(widened(crop), crop.width, crop.height);
  std::vector<GrayImage> result;
  result.reserve(static_cast<std::size_t>(view_count(views)));
  result.push_back(crop);
  if (views == Views::none) return result;
  result.push_back(mirrored(crop));
  if (views == Views::mirror) return result;
  const Index width = part_of(crop.width), height = part_of(crop.height);
  const Index right = crop.width - width, bottom = crop.height - height;
  const std::array<std::pair<Index, Index>, 5> corners = {
      {{0, 0}, {right, 0}, {0, bottom}, {right, bottom}, {right / 2, bottom / 2}}};
  for (const auto& [left, top] : corners) {
    result.push_back(resize(cut(crop, left, top, width, height), crop.width, crop.height));
    result.push_back(mirrored(result.back()));
  }
  return result;
}

GrayImage widened(const GrayImage& crop) {
  check(crop);
  const Index width = times(crop.width, kWidestView), height = times(crop.height, kWidestView);
  const Index left = (width - crop.width) / 2, top = (height - crop.height) / 2;
  GrayImage wide{width, height, {}};
  wide.pixels.reserve(static_cast<std::size_t>(width * height));
  for (Index y = 0; y < height; ++y) {
    const std::uint8_t* row = crop.pixels.data() + std::clamp<Index>(y - top, 0, crop.height - 1) * crop.width;
    for (Index x = 0; x < width; ++x)
      wide.pixels.push_back(row[std::clamp<Index>(x - left, 0, crop.width - 1)]);
  }
  return wide;
}

std::vector<GrayImage> scaled_views(const GrayImage& wide, Index width, Index height) {
  check(wide);
  const Index crop_width = times(wide.width, 1 / kWidestView),
              crop_height = times(wide.height, 1 / kWidestView);
  const std::array<std::pair<Index, Index>, 3> sizes = {
      {{crop_width, crop_height},
       {times(crop_width, kNarrowestView), times(crop_height, kNarrowestView)},
       {wide.width, wide.height}}};
  std::vector<GrayImage> result;
  for (const auto& [w, h] : sizes) {
    result.push_back(resize(cut(wide, (wide.width - w) / 2, (wide.height - h) / 2, w, h), width, height));
    result.push_back(mirrored(result.back()));
  }
  return result;
}

}  // namespace mien::image
