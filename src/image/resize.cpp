#include "mien/image/resize.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "mien/core/error.hpp"

namespace mien::image {
namespace {

constexpr Index kMaxEdge = 16384;
constexpr Index kMaxSourceEdge = 32768;  // a face's surroundings reach beyond its picture

/// For every output position the run of input positions it is made of, and their weights.
struct AxisWeights {
  struct Run {
    Index first = 0;
    std::size_t weights_at = 0;
    Index count = 0;
  };
  std::vector<Run> runs;
  std::vector<std::uint64_t> weights;
  std::uint64_t sum = 1;  // of the weights of each run
};

/// On a grid of in * out steps input i covers [i*out, (i+1)*out) and output o covers [o*in, (o+1)*in).
AxisWeights area_weights(Index in, Index out) {
  AxisWeights axis;
  axis.sum = static_cast<std::uint64_t>(in);
  for (Index o = 0; o < out; ++o) {
    const Index begin = o * in, end = begin + in;
    AxisWeights::Run run{begin / out, axis.weights.size(), 0};
    for (Index i = run.first; i * out < end; ++i, ++run.count) {
      const Index overlap = std::min(end, (i + 1) * out) - std::max(begin, i * out);
      axis.weights.push_back(static_cast<std::uint64_t>(overlap));
    }
    axis.runs.push_back(run);
  }
  return axis;
}

/// In steps of 1 / (2*out) the center of output o lies (2*o + 1) * in - out behind the center of input 0.
AxisWeights linear_weights(Index in, Index out) {
  AxisWeights axis;
  axis.sum = static_cast<std::uint64_t>(2 * out);
  for (Index o = 0; o < out; ++o) {
    const Index position = std::clamp<Index>((2 * o + 1) * in - out, 0, 2 * out * (in - 1));
    const Index first = std::min(position / (2 * out), std::max<Index>(in - 2, 0));
    const Index second_weight = position - first * 2 * out;
    axis.runs.push_back({first, axis.weights.size(), std::min<Index>(in, 2)});
    axis.weights.push_back(static_cast<std::uint64_t>(2 * out - second_weight));
    if (in > 1) axis.weights.push_back(static_cast<std::uint64_t>(second_weight));
  }
  return axis;
}

AxisWeights axis_weights(Index in, Index out) {
  return out <= in ? area_weights(in, out) : linear_weights(in, out);
}

/// Weighted sums along `axis` of values `stride` apart, starting at `source`.
template <typename T>
std::uint64_t weighted_sum(const AxisWeights& axis, const AxisWeights::Run& run, const T* source,
                           Index stride) {
  std::uint64_t sum = 0;
  for (Index i = 0; i < run.count; ++i) {
    sum += axis.weights[run.weights_at + static_cast<std::size_t>(i)] * source[(run.first + i) * stride];
  }
  return sum;
}

void check(const GrayImage& source, Index width, Index height) {
  const bool has_pixels = source.width > 0 && source.height > 0 && source.width <= kMaxSourceEdge &&
                          source.height <= kMaxSourceEdge &&
                          static_cast<Index>(source.pixels.size()) == source.width * source.height;
  if (!has_pixels) {
    throw ArgumentError("[resize] source of " + std::to_string(source.width) + "x" +
                        std::to_string(source.height) + " with " + std::to_string(source.pixels.size()) +
                        " pixels");
  }
  if (width < 1 || height < 1 || width > kMaxEdge || height > kMaxEdge) {
    throw ArgumentError("[resize] target of " + std::to_string(width) + "x" + std::to_string(height) +
                        ", edges from 1 to " + std::to_string(kMaxEdge) + " are possible");
  }
}

}  // namespace

GrayImage resize(const GrayImage& source, Index width, Index height) {
  check(source, width, height);
  if (width == source.width && height == source.height) return source;
  const AxisWeights columns = axis_weights(source.width, width);
  const AxisWeights rows = axis_weights(source.height, height);

  // Weights of an axis add up to at most 2 * kMaxEdge, so these sums fit 32 bits and the final ones 64.
  std::vector<std::uint32_t> narrow(static_cast<std::size_t>(width * source.height));
  for (Index y = 0; y < source.height; ++y) {
    const std::uint8_t* in = source.pixels.data() + y * source.width;
    std::uint32_t* out = narrow.data() + y * width;
    for (Index x = 0; x < width; ++x) {
      out[x] =
          static_cast<std::uint32_t>(weighted_sum(columns, columns.runs[static_cast<std::size_t>(x)], in, 1));
    }
  }

  GrayImage result{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height))};
  const std::uint64_t divisor = columns.sum * rows.sum;
  for (Index y = 0; y < height; ++y) {
    const AxisWeights::Run& run = rows.runs[static_cast<std::size_t>(y)];
    std::uint8_t* out = result.pixels.data() + y * width;
    for (Index x = 0; x < width; ++x) {
      const std::uint64_t sum = weighted_sum(rows, run, narrow.data() + x, width);
      out[x] = static_cast<std::uint8_t>((sum + divisor / 2) / divisor);
    }
  }
  return result;
}

}  // namespace mien::image
