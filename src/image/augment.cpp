#include "mien/image/augment.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "image/level.hpp"
#include "mien/core/error.hpp"
#include "mien/image/degrade.hpp"

namespace mien::image {
namespace {

constexpr float kLeastErased = 0.02f, kMostErased = 0.2f;  // of the area
constexpr float kWidestErased = 3.0f;                      // width to height, or the other way round
constexpr float kHighestQuality = 95;                      // of JPEG

// Uniform in [-limit, limit); draws nothing for 0.
float between(float limit, RandomStream& random) {
  return limit == 0 ? 0.0f : limit * (2 * random.next_uniform() - 1);
}
bool happens(float probability, RandomStream& random) {
  return probability > 0 && random.next_uniform() < probability;
}

// Where in the source the center of an output pixel comes from: matrix * (position - center) + offset.
struct Affine {
  float xx = 1, xy = 0, yx = 0, yy = 1;
  float x = 0, y = 0;

  bool identity() const { return xx == 1 && xy == 0 && yx == 0 && yy == 1; }
};

Affine draw_affine(const Augmentation& how, Index height, Index width, RandomStream& random) {
  const bool mirrored = happens(how.mirror, random);
  const float dx = between(how.shift, random), dy = between(how.shift, random);
  const float angle = between(how.rotate, random) * 3.14159265f / 180.0f;
  const float size = (1 + between(how.scale, random)) / (1 - how.crop);
  const float crop_x = between(how.crop / 2, random), crop_y = between(how.crop / 2, random);
  const float c = std::cos(angle) / size, s = std::sin(angle) / size;
  const float sign = mirrored ? -1.0f : 1.0f;
  return {.xx = c * sign,
          .xy = -s,
          .yx = s * sign,
          .yy = c,
          .x = (dx + crop_x) * static_cast<float>(width),
          .y = (dy + crop_y) * static_cast<float>(height)};
}

void warp(std::uint8_t* out, const std::uint8_t* in, Index height, Index width, const Affine& map) {
  const float cx = static_cast<float>(width - 1) / 2, cy = static_cast<float>(height - 1) / 2;
  const auto most_x = static_cast<float>(width - 1), most_y = static_cast<float>(height - 1);
  for (Index row = 0; row < height; ++row) {
    const float v = static_cast<float>(row) - cy;
    for (Index column = 0; column < width; ++column) {
      const float u = static_cast<float>(column) - cx;
      const float x = std::clamp(map.xx * u + map.xy * v + map.x + cx, 0.0f, most_x);
      const float y = std::clamp(map.yx * u + map.yy * v + map.y + cy, 0.0f, most_y);
      const auto left = static_cast<Index>(x), top = static_cast<Index>(y);
      const float fx = x - static_cast<float>(left), fy = y - static_cast<float>(top);
      const std::uint8_t* upper = in + top * width + left;
      const std::uint8_t* lower = top + 1 < height ? upper + width : upper;
      const Index right = left + 1 < width ? 1 : 0;
      const float above = static_cast<float>(upper[0]) * (1 - fx) + static_cast<float>(upper[right]) * fx;
      const float below = static_cast<float>(lower[0]) * (1 - fx) + static_cast<float>(lower[right]) * fx;
      out[row * width + column] = level(above * (1 - fy) + below * fy);
    }
  }
}

void change_light(std::uint8_t* pixels, Index count, const Augmentation& how, RandomStream& random) {
  if (how.brightness == 0 && how.contrast == 0) return;
  const float added = 255 * between(how.brightness, random);
  const float factor = 1 + between(how.contrast, random);
  std::uint64_t sum = 0;
  for (Index i = 0; i < count; ++i) sum += pixels[i];
  const float mean = static_cast<float>(sum) / static_cast<float>(count);
  for (Index i = 0; i < count; ++i) {
    pixels[i] = level((static_cast<float>(pixels[i]) - mean) * factor + mean + added);
  }
}

void shift_channels(std::uint8_t* pixels, const PictureShape& shape, float limit, RandomStream& random) {
  if (limit == 0 || shape.channels == 1) return;
  for (Index c = 0; c < shape.channels; ++c, pixels += shape.plane()) {
    const float added = 255 * between(limit, random);
    for (Index i = 0; i < shape.plane(); ++i) pixels[i] = level(static_cast<float>(pixels[i]) + added);
  }
}

// In the order in which they happen.
struct DrawnKind {
  DegradationKind kind;
  float Augmentation::*limit;
};
constexpr std::array<DrawnKind, 4> kDrawnKinds{{{DegradationKind::blur, &Augmentation::blur},
                                                {DegradationKind::shrink, &Augmentation::shrink},
                                                {DegradationKind::noise, &Augmentation::noise},
                                                {DegradationKind::jpeg, &Augmentation::jpeg}}};

// Uniform between what changes nothing, or hardly, and `limit`.
Degradation draw_degradation(DegradationKind kind, float limit, Index edge, RandomStream& random) {
  float least = 0;
  if (kind == DegradationKind::shrink) least = std::max(limit, static_cast<float>(edge));
  if (kind == DegradationKind::jpeg) least = kHighestQuality;
  const float amount = limit + (least - limit) * random.next_uniform();
  return {kind, std::max(amount, kDegradations[static_cast<std::size_t>(kind)].least)};
}

void degrade_some(std::uint8_t* pixels, const PictureShape& shape, const Augmentation& how,
                  RandomStream& random) {
  std::uint32_t count = 0;
  for (const DrawnKind& each : kDrawnKinds) count += how.*each.limit > 0 ? 1 : 0;
  if (count == 0 || !happens(how.degrade, random)) return;
  std::uint32_t selection = 1 + random.next_below((1u << count) - 1);
  for (const DrawnKind& each : kDrawnKinds) {
    const float limit = how.*each.limit;
    if (limit == 0) continue;
    if (selection % 2 == 1) {
      const Degradation drawn = draw_degradation(each.kind, limit, std::max(shape.height, shape.width), random);
      degrade(pixels, pixels, shape, drawn, random);
    }
    selection /= 2;
  }
}

void erase(std::uint8_t* pixels, const PictureShape& shape, float probability, RandomStream& random) {
  if (!happens(probability, random)) return;
  const float share = kLeastErased + (kMostErased - kLeastErased) * random.next_uniform();
  const float aspect = std::exp(between(std::log(kWidestErased), random));
  const auto [height, width, channels] = shape;
  const float area = share * static_cast<float>(shape.plane());
  const Index rows = std::clamp<Index>(static_cast<Index>(std::sqrt(area / aspect)), 1, height);
  const Index columns = std::clamp<Index>(static_cast<Index>(std::sqrt(area * aspect)), 1, width);
  const Index top = random.next_below(static_cast<std::uint32_t>(height - rows + 1));
  const Index left = random.next_below(static_cast<std::uint32_t>(width - columns + 1));
  for (Index c = 0; c < channels; ++c, pixels += shape.plane()) {
    for (Index row = top; row < top + rows; ++row) {
      for (Index column = left; column < left + columns; ++column) {
        pixels[row * width + column] = static_cast<std::uint8_t>(random.next_u32() >> 24);
      }
    }
  }
}

}  // namespace

void check(const Augmentation& how) {
  for (const AugmentationLimit& limit : kAugmentationLimits) {
    const float value = how.*limit.member;
    if (value >= 0 && value <= limit.most) continue;
    throw ArgumentError("[augment] " + std::string(limit.name) + " must be in [0, " +
                        std::to_string(limit.most) + "], got " + std::to_string(value));
  }
}

bool degrades(const Augmentation& how) {
  return how.degrade > 0 && (how.blur > 0 || how.shrink > 0 || how.noise > 0 || how.jpeg > 0);
}

void change_view(std::uint8_t* out, const std::uint8_t* in, const PictureShape& shape, const Augmentation& how,
                 RandomStream& random) {
  const Affine map = draw_affine(how, shape.height, shape.width, random);
  if (map.identity() && map.x == 0 && map.y == 0) {
    std::copy_n(in, shape.size(), out);
  } else {
    for (Index at = 0; at < shape.size(); at += shape.plane()) {
      warp(out + at, in + at, shape.height, shape.width, map);
    }
  }
  change_light(out, shape.size(), how, random);
  shift_channels(out, shape, how.channel_shift, random);
  if (how.gamma > 0) {
    degrade(out, out, shape, {DegradationKind::gamma, std::exp(between(how.gamma, random))}, random);
  }
}

void degrade_and_erase(std::uint8_t* pixels, const PictureShape& shape, const Augmentation& how,
                       RandomStream& random) {
  degrade_some(pixels, shape, how, random);
  erase(pixels, shape, how.erase, random);
}

void augment(std::uint8_t* out, const std::uint8_t* in, const PictureShape& shape, const Augmentation& how,
             RandomStream random, std::uint8_t* undegraded) {
  change_view(out, in, shape, how, random);
  if (undegraded != nullptr) std::copy_n(out, shape.size(), undegraded);
  degrade_and_erase(out, shape, how, random);
}

}  // namespace mien::image
