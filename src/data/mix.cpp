#include "mien/data/mix.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "mien/core/error.hpp"
#include "mien/core/random.hpp"

namespace mien::data {
namespace {

// Streams of single images are numbered from 0.
constexpr std::uint64_t kMixStreams = std::uint64_t{1} << 63;

void check_batch(const Mix& mix, std::size_t images) {
  if (mix.mixes() && mix.partner.size() != images) {
    throw ArgumentError("[mix] a mixture of " + std::to_string(mix.partner.size()) + " images for " +
                        std::to_string(images));
  }
}

bool is_over(const MixOptions& options, const MixStep& at) {
  if (options.until == 1.0f) return false;
  if (at.total == 0) throw ArgumentError("[mix] to stop before the end needs to know where that is");
  return static_cast<double>(at.step) >= std::round(double{options.until} * static_cast<double>(at.total));
}

// A rectangle of the images' proportions and 1 - share of their area around a point anywhere, less what lies
// outside; `share` becomes what is really kept.
Mix::Box draw_box(RandomStream& random, Index height, Index width, float& share) {
  const double edge = std::sqrt(1.0 - double{share});
  const auto span = [&](Index size) {
    const Index half = static_cast<Index>(std::lround(static_cast<double>(size) * edge / 2));
    const Index middle = static_cast<Index>(random.next_below(static_cast<std::uint32_t>(size)));
    return std::pair(std::max<Index>(0, middle - half), std::min(size, middle + half));
  };
  const auto [top, bottom] = span(height);
  const auto [left, right] = span(width);
  const double cut = static_cast<double>((bottom - top) * (right - left));
  share = static_cast<float>(1.0 - cut / static_cast<double>(height * width));
  return {.top = top, .left = left, .bottom = bottom, .right = right};
}

}  // namespace

void check(const MixOptions& options) {
  for (const auto& [name, alpha] : {std::pair("mixup", options.mixup), std::pair("cutmix", options.cutmix)}) {
    if (!(alpha >= 0.0f && std::isfinite(alpha))) {
      throw ArgumentError("[mix] " + std::string(name) + " must be at least 0, got " + std::to_string(alpha));
    }
  }
  if (!(options.until >= 0.0f && options.until <= 1.0f)) {
    throw ArgumentError("[mix] until must be in [0, 1], got " + std::to_string(options.until));
  }
}

Mix draw_mix(const MixOptions& options, std::uint64_t seed, const MixStep& at, const Shape& images) {
  check(options);
  if ((options.mixup == 0.0f && options.cutmix == 0.0f) || is_over(options, at)) return {};
  const bool cut = options.mixup == 0.0f || (options.cutmix != 0.0f && at.step % 2 == 1);
  RandomStream random(seed, RandomPurpose::augmentation, kMixStreams | at.step);
  const double alpha = double{cut ? options.cutmix : options.mixup};
  Mix mix;
  mix.share = static_cast<float>(random.next_beta(alpha, alpha));
  if (cut) mix.box = draw_box(random, images[2], images[3], mix.share);
  mix.partner = random_permutation(static_cast<std::uint32_t>(images[0]), random);
  return mix;
}

Tensor mixed(const Mix& mix, const Tensor& images) {
  if (!mix.mixes()) return images;
  check_batch(mix, static_cast<std::size_t>(images.dim(0)));
  const Index height = images.dim(2), width = images.dim(3), size = images.size() / images.dim(0);
  Tensor result = images.clone();
  for (Index i = 0; i < images.dim(0); ++i) {
    float* y = result.mutable_data() + i * size;
    const float* other = images.data() + static_cast<Index>(mix.partner[static_cast<std::size_t>(i)]) * size;
    if (!mix.box) {
      for (Index p = 0; p < size; ++p) y[p] = mix.share * y[p] + (1.0f - mix.share) * other[p];
      continue;
    }
    for (Index plane = 0; plane < size; plane += height * width) {
      for (Index row = mix.box->top; row < mix.box->bottom; ++row) {
        const Index begin = plane + row * width + mix.box->left;
        std::copy_n(other + begin, mix.box->right - mix.box->left, y + begin);
      }
    }
  }
  return result;
}

Tensor mixed_targets(const Mix& mix, std::span<const std::uint8_t> labels, Index classes) {
  check_batch(mix, labels.size());
  Tensor targets(Shape{static_cast<Index>(labels.size()), classes});
  const auto add = [&](std::size_t row, std::size_t image, float share) {
    if (labels[image] >= classes) {
      throw ArgumentError("[mix] label " + std::to_string(labels[image]) + " of " + std::to_string(classes) +
                          " classes");
    }
    targets.mutable_data()[static_cast<Index>(row) * classes + labels[image]] += share;
  };
  for (std::size_t i = 0; i < labels.size(); ++i) {
    add(i, i, mix.mixes() ? mix.share : 1.0f);
    if (mix.mixes()) add(i, mix.partner[i], 1.0f - mix.share);
  }
  return targets;
}

Tensor mixed_targets(const Mix& mix, const Tensor& targets) {
  if (!mix.mixes()) return targets;
  check_batch(mix, static_cast<std::size_t>(targets.dim(0)));
  const Index classes = targets.dim(1);
  Tensor result = targets.clone();
  for (Index i = 0; i < targets.dim(0); ++i) {
    float* y = result.mutable_data() + i * classes;
    const float* other =
        targets.data() + static_cast<Index>(mix.partner[static_cast<std::size_t>(i)]) * classes;
    for (Index c = 0; c < classes; ++c) y[c] = mix.share * y[c] + (1.0f - mix.share) * other[c];
  }
  return result;
}

}  // namespace mien::data
