#include "mien/image/resize.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"

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
  std::vector<std::uint16_t> weights;
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
      axis.weights.push_back(static_cast<std::uint16_t>(overlap));
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
    axis.weights.push_back(static_cast<std::uint16_t>(2 * out - second_weight));
    if (in > 1) axis.weights.push_back(static_cast<std::uint16_t>(second_weight));
  }
  return axis;
}

AxisWeights axis_weights(Index in, Index out) {
  return out <= in ? area_weights(in, out) : linear_weights(in, out);
}

/// sums[x] = the weighted sum of a run of rows at x. Weights add up to at most 2 * kMaxEdge, so 32 bits do.
void add_rows(std::uint32_t* sums, const GrayImage& source, const AxisWeights& rows,
              const AxisWeights::Run& run) {
  std::fill_n(sums, source.width, 0U);
  for (Index i = 0; i < run.count; ++i) {
    const std::uint16_t weight = rows.weights[run.weights_at + static_cast<std::size_t>(i)];
    const std::uint8_t* row = source.pixels.data() + (run.first + i) * source.width;
    for (Index x = 0; x < source.width; ++x) {
      sums[x] += static_cast<std::uint32_t>(std::uint16_t{row[x]}) * weight;
    }
  }
}

/// The same along columns, of such sums, and the quotient. Sum holds 256 times the divisor.
template <typename Sum>
void add_columns(std::uint8_t* out, const std::uint32_t* sums, const AxisWeights& columns, Sum divisor) {
  for (const AxisWeights::Run& run : columns.runs) {
    const std::uint16_t* weights = columns.weights.data() + run.weights_at;
    Sum sum = divisor / 2;
    for (Index i = 0; i < run.count; ++i) sum += Sum{weights[i]} * sums[run.first + i];
    *out++ = static_cast<std::uint8_t>(sum / divisor);
  }
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

  const std::uint64_t divisor = columns.sum * rows.sum;
  const bool is_small = divisor < (std::uint64_t{1} << 24);
  GrayImage result{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height))};
  constexpr Index kRows = 16;
  parallel_for_ranges(height, kRows, [&](Index begin, Index end) {
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(source.width));
    for (Index y = begin; y < end; ++y) {
      add_rows(sums.data(), source, rows, rows.runs[static_cast<std::size_t>(y)]);
      std::uint8_t* out = result.pixels.data() + y * width;
      if (is_small) {
        add_columns(out, sums.data(), columns, static_cast<std::uint32_t>(divisor));
      } else {
        add_columns(out, sums.data(), columns, divisor);
      }
    }
  });
  return result;
}

GrayImage halved(const GrayImage& source) {
  check(source, 1, 1);
  const Index width = (source.width + 1) / 2, height = (source.height + 1) / 2;
  GrayImage result{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height))};
  constexpr Index kRows = 32;
  parallel_for_ranges(height, kRows, [&](Index begin, Index end) {
    for (Index y = begin; y < end; ++y) {
      const std::uint8_t* upper = source.pixels.data() + 2 * y * source.width;
      const std::uint8_t* lower = 2 * y + 1 < source.height ? upper + source.width : upper;
      std::uint8_t* out = result.pixels.data() + y * width;
      const Index pairs = source.width / 2;  // not to be read again behind each byte written
      for (Index x = 0; x < pairs; ++x) {
        out[x] = static_cast<std::uint8_t>(
            (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) / 4);
      }
      if (2 * width > source.width) {
        out[width - 1] = static_cast<std::uint8_t>((upper[source.width - 1] + lower[source.width - 1] + 1) / 2);
      }
    }
  });
  return result;
}

}  // namespace mien::image
