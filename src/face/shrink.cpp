#include "face/shrink.hpp"

#include <algorithm>
#include <cmath>

namespace mien::face::detail {
namespace {

constexpr int kOne = 256;  // a weight of 1

AxisWeights axis_weights(Index from, Index to) {
  AxisWeights axis;
  axis.first.reserve(static_cast<std::size_t>(to));
  axis.far.reserve(static_cast<std::size_t>(to));
  const double scale = 1.0 / (static_cast<double>(to) / static_cast<double>(from));
  for (Index i = 0; i < to; ++i) {
    const double position = (static_cast<double>(i) + 0.5) * scale - 0.5;
    const auto whole = static_cast<Index>(std::floor(position));
    const Index first = std::clamp<Index>(whole, 0, from - 2);
    // Beyond the outermost centers the outermost pixel counts alone.
    const long far = whole < first   ? 0
                     : whole > first ? kOne
                                     : std::lrint((position - std::floor(position)) * kOne);
    axis.first.push_back(static_cast<std::int32_t>(first));
    axis.far.push_back(static_cast<std::uint16_t>(far));
  }
  return axis;
}

}  // namespace

RowShrinker::RowShrinker(const image::GrayImage& source, Extent size)
    : source_(&source),
      size_(size),
      columns_(axis_weights(source.width, size.width)),
      rows_(axis_weights(source.height, size.height)) {}

RowShrinker::Cache::Cache(const RowShrinker& shrinker)
    : pixels(static_cast<std::size_t>(shrinker.size_.width)) {
  for (std::vector<std::uint16_t>& row : rows) row.resize(pixels.size());
}

// A row of the source in units of 1/256. That of the row `keep` stays in the cache.
const std::uint16_t* RowShrinker::at_new_width(Index source_row, Index keep, Cache& cache) const {
  for (int slot = 0; slot < 2; ++slot) {
    if (cache.source_rows[slot] == source_row) return cache.rows[slot].data();
  }
  const int slot = cache.source_rows[0] == keep ? 1 : 0;
  cache.source_rows[slot] = source_row;
  std::uint16_t* out = cache.rows[slot].data();
  const std::uint8_t* from = source_->pixels.data() + source_row * source_->width;
  const std::int32_t* first = columns_.first.data();
  const std::uint16_t* far = columns_.far.data();
  for (Index i = 0; i < size_.width; ++i) {
    const std::uint8_t* pair = from + first[i];
    out[i] = static_cast<std::uint16_t>(pair[0] * kOne + far[i] * (pair[1] - pair[0]));
  }
  return out;
}

const std::uint8_t* RowShrinker::row(Index y, Cache& cache) const {
  if (size_.width == source_->width && size_.height == source_->height) {
    return source_->pixels.data() + y * source_->width;
  }
  const auto at = static_cast<std::size_t>(y);
  const Index upper = rows_.first[at];
  const std::uint16_t* a = at_new_width(upper, upper + 1, cache);
  const std::uint16_t* b = at_new_width(upper + 1, upper, cache);
  const std::uint32_t far = rows_.far[at];
  const std::uint32_t near = kOne - far;
  constexpr std::uint32_t kHalf = kOne * kOne / 2;
  std::uint8_t* out = cache.pixels.data();
  for (Index i = 0; i < size_.width; ++i) {
    out[i] = static_cast<std::uint8_t>((a[i] * near + b[i] * far + kHalf) / (kOne * kOne));
  }
  return out;
}

}  // namespace mien::face::detail
