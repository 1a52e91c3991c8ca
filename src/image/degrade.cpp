#include "mien/image/degrade.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "image/jpeg_quantize.hpp"
#include "image/level.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/image/resize.hpp"

namespace mien::image {
namespace {

const DegradationRange& range_of(DegradationKind kind) {
  return kDegradations.at(static_cast<std::size_t>(kind));
}

bool in_range(const Degradation& how) {
  const DegradationRange& range = range_of(how.kind);
  return how.amount >= range.least && how.amount <= range.most;
}

// One half of the bell, its middle first.
std::vector<float> bell(float deviation) {
  std::vector<float> weights;
  float sum = 0;
  for (float distance = 0; distance <= std::ceil(3 * deviation); ++distance) {
    const float deviations = distance / deviation;
    weights.push_back(std::exp(-deviations * deviations / 2));
    sum += distance == 0 ? weights.back() : 2 * weights.back();
  }
  for (float& weight : weights) weight /= sum;
  return weights;
}

// Along one axis the weighted sum of whole rows, so that many pixels are summed at once, each in the same
// order.
void blur_columns(float* out, const float* in, Index height, Index width, const std::vector<float>& weights) {
  const auto reach = static_cast<Index>(weights.size()) - 1;
  const auto row_at = [&](Index y) { return in + std::clamp<Index>(y, 0, height - 1) * width; };
  for (Index y = 0; y < height; ++y) {
    float* sums = out + y * width;
    const float* middle = row_at(y);
    for (Index x = 0; x < width; ++x) sums[x] = weights[0] * middle[x];
    for (Index distance = 1; distance <= reach; ++distance) {
      const float weight = weights[static_cast<std::size_t>(distance)];
      const float *above = row_at(y - distance), *below = row_at(y + distance);
      for (Index x = 0; x < width; ++x) sums[x] += weight * (above[x] + below[x]);
    }
  }
}

void transpose(float* out, const float* in, Index height, Index width) {
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) out[x * height + y] = in[y * width + x];
  }
}

void blur(std::uint8_t* pixels, Index height, Index width, float deviation) {
  if (deviation == 0) return;
  const std::vector<float> weights = bell(deviation);
  std::vector<float> one(pixels, pixels + height * width), other(one.size());
  blur_columns(other.data(), one.data(), height, width, weights);
  transpose(one.data(), other.data(), height, width);
  blur_columns(other.data(), one.data(), width, height, weights);
  transpose(one.data(), other.data(), width, height);
  for (Index i = 0; i < height * width; ++i) pixels[i] = level(one[static_cast<std::size_t>(i)]);
}

void shrink(std::uint8_t* pixels, Index height, Index width, float left) {
  const Index edge = std::max(height, width), fewer = std::lround(left);
  if (fewer >= edge) return;
  const auto part = [&](Index whole) { return std::max<Index>((whole * fewer + edge / 2) / edge, 1); };
  const GrayImage picture{width, height, {pixels, pixels + height * width}};
  const GrayImage back = resize(resize(picture, part(width), part(height)), width, height);
  std::copy(back.pixels.begin(), back.pixels.end(), pixels);
}

void add_noise(std::uint8_t* pixels, Index count, float deviation, RandomStream& random) {
  for (Index i = 0; i < count; ++i) {
    pixels[i] = level(static_cast<float>(pixels[i]) + deviation * random.next_normal());
  }
}

void change_gamma(std::uint8_t* pixels, Index count, float exponent) {
  std::array<std::uint8_t, 256> levels{};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    levels[i] = level(255 * std::pow(static_cast<float>(i) / 255, exponent));
  }
  for (Index i = 0; i < count; ++i) pixels[i] = levels[pixels[i]];
}

}  // namespace

std::string degradation_kinds() {
  std::vector<std::string> kinds;
  for (const DegradationRange& range : kDegradations) {
    kinds.push_back(std::string(range.name) + '=' + format_number(shortest_decimal(range.least)) + ".." +
                    format_number(shortest_decimal(range.most)));
  }
  return join(kinds, ", ");
}

Degradation parse_degradation(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto* const range = std::find_if(kDegradations.begin(), kDegradations.end(),
                                         [&](const DegradationRange& each) { return each.name == name; });
  if (range != kDegradations.end() && equals != text.npos) {
    if (const std::optional<double> amount = parse_double(text.substr(equals + 1))) {
      const Degradation how{range->kind, static_cast<float>(*amount)};
      if (in_range(how)) return how;
    }
  }
  throw ArgumentError("no such degradation " + quote(text) + ", expected one of " + degradation_kinds());
}

std::string to_string(const Degradation& how) {
  return std::string(range_of(how.kind).name) + '=' + format_number(shortest_decimal(how.amount));
}

void degrade(std::uint8_t* out, const std::uint8_t* in, const PictureShape& shape, const Degradation& how,
             RandomStream& random) {
  if (shape.height < 1 || shape.width < 1) {
    throw ArgumentError("[degrade] a picture of " + std::to_string(shape.width) + "x" +
                        std::to_string(shape.height));
  }
  if (!in_range(how)) throw ArgumentError("[degrade] " + to_string(how) + ", expected " + degradation_kinds());
  if (out != in) std::copy_n(in, shape.size(), out);
  const auto for_each_plane = [&](const auto& change) {
    for (Index c = 0; c < shape.channels; ++c) change(out + c * shape.plane());
  };
  switch (how.kind) {
    case DegradationKind::blur:
      return for_each_plane([&](std::uint8_t* p) { blur(p, shape.height, shape.width, how.amount); });
    case DegradationKind::shrink:
      return for_each_plane([&](std::uint8_t* p) { shrink(p, shape.height, shape.width, how.amount); });
    case DegradationKind::noise:
      return add_noise(out, shape.size(), how.amount, random);
    case DegradationKind::jpeg:
      return for_each_plane([&](std::uint8_t* p) {
        jpeg_quantize(p, shape.height, shape.width, static_cast<int>(std::lround(how.amount)));
      });
    case DegradationKind::gamma:
      return change_gamma(out, shape.size(), how.amount);
  }
}

}  // namespace mien::image
