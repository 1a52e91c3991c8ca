#include "mien/image/views.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/image/resize.hpp"

namespace mien::image {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"none", "mirror", "full"};
constexpr std::array<Index, 3> kCounts = {1, 2, 12};

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

}  // namespace

Views parse_views(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    throw ArgumentError("unknown views " + quote(name) + ", expected none, mirror or full");
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
  if (crop.width < 1 || crop.height < 1 || static_cast<Index>(crop.pixels.size()) != crop.width * crop.height) {
    throw ArgumentError("[make_views] " + std::to_string(crop.width) + "x" + std::to_string(crop.height) +
                        " with " + std::to_string(crop.pixels.size()) + " pixels");
  }
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

}  // namespace mien::image
