#include "face/levels.hpp"

#include <algorithm>
#include <cmath>

namespace mien::face::detail {
namespace {

// To the nearest, halves to even: how OpenCV rounds everywhere.
Index round_even(double value) {
  return static_cast<Index>(std::lrint(value));
}

Extent scaled(Extent window, double factor) {
  return {round_even(static_cast<double>(window.width) * factor),
          round_even(static_cast<double>(window.height) * factor)};
}

// The scales at which the window still fits into the image.
std::vector<float> all_scales(Extent image, Extent window, double scale_factor) {
  std::vector<float> scales;
  for (double factor = 1;; factor *= scale_factor) {
    const Extent face = scaled(window, factor);
    if (face.width > image.width || face.height > image.height) return scales;
    scales.push_back(static_cast<float>(factor));
  }
}

float nearest_scale(const std::vector<float>& scales, Extent window, Index edge) {
  const auto distance = [&](float scale) {
    const Extent face = scaled(window, static_cast<double>(scale));
    return (edge - face.width) * (edge - face.width) + (edge - face.height) * (edge - face.height);
  };
  return *std::min_element(scales.begin(), scales.end(),
                           [&](float a, float b) { return distance(a) < distance(b); });
}

std::vector<float> scales_between(Extent image, Extent window, const DetectOptions& options) {
  std::vector<float> scales = all_scales(image, window, options.scale_factor);
  if (scales.empty()) return scales;
  const float nearest = nearest_scale(scales, window, options.min_face);
  const auto outside = [&](float scale) {
    const Extent face = scaled(window, static_cast<double>(scale));
    return std::min(face.width, face.height) < options.min_face ||
           (options.max_face > 0 && std::max(face.width, face.height) > options.max_face);
  };
  scales.erase(std::remove_if(scales.begin(), scales.end(), outside), scales.end());
  if (scales.empty()) scales.push_back(nearest);
  return scales;
}

// Places at which a window may begin along one edge.
Index places(Index size, Index window) {
  return std::max<Index>(size - window + 1, 0);
}

// OpenCV cuts each level into as many stripes, whose height is rounded down to whole steps; where nothing is
// left over to round up, the last row of an odd number of places is in no stripe.
Index rows_in_stripes(Index row_places, Index step, Index stripes) {
  const Index stripe = std::max<Index>((row_places / step + stripes - 1) / stripes, 1) * step;
  const Index end = std::min(row_places, stripes * stripe);
  return (end + step - 1) / step;
}

}  // namespace

std::vector<Level> plan_levels(Extent image, Extent window, const DetectOptions& options) {
  std::vector<Level> levels;
  Index stripes = 0;
  for (const float scale : scales_between(image, window, options)) {
    Level level;
    level.scale = scale;
    level.size = {round_even(static_cast<double>(static_cast<float>(image.width) / scale)),
                  round_even(static_cast<double>(static_cast<float>(image.height) / scale))};
    level.face = scaled(window, static_cast<double>(scale));
    level.step = scale >= 2 ? 1 : 2;
    const Index column_places = places(level.size.width, window.width);
    if (stripes == 0) stripes = std::max<Index>((column_places + 31) / 32, 1);
    level.columns = (column_places + level.step - 1) / level.step;
    level.rows = rows_in_stripes(places(level.size.height, window.height), level.step, stripes);
    if (level.columns > 0 && level.rows > 0) levels.push_back(level);
  }
  return levels;
}

}  // namespace mien::face::detail
