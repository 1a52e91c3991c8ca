// Training on mixtures: each image of a batch is mixed with another one of it, and so are their labels.
// mixup blends the two (Zhang et al., arXiv:1710.09412), cutmix puts a rectangle of the other one into it
// (Yun et al., arXiv:1905.04899).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mien/core/tensor.hpp"

namespace mien::data {

/// Where both alphas are above 0, every other batch is mixed the one way, the rest the other way.
struct MixOptions {
  float mixup = 0;   ///< alpha of Beta(alpha, alpha), which the share is drawn from; 0: no mixup
  float cutmix = 0;  ///< the same for the area that is kept; 0: no cutmix
  float until = 1;   ///< share of the run after which nothing is mixed any more

  bool operator==(const MixOptions&) const = default;
};

/// Throws ArgumentError for an alpha that is negative or not finite, and for a share outside of [0, 1].
void check(const MixOptions& options);

/// How one batch is mixed: image i with image partner[i], `share` of which stays image i.
struct Mix {
  /// A rectangle of pixels.
  struct Box {
    Index top = 0, left = 0, bottom = 0, right = 0;  ///< rows [top, bottom), columns [left, right)
  };
  std::vector<std::uint32_t> partner;  ///< empty: nothing is mixed
  float share = 1;                     ///< in [0, 1]
  std::optional<Box> box = {};         ///< cutmix: what comes from the partner

  bool mixes() const { return !partner.empty(); }
};

/// A training step, and how many there will be in all. `total` is 0 while it is not known; it is needed only
/// when mixing ends before the run does.
struct MixStep {
  std::uint64_t step = 0;
  std::uint64_t total = 0;
};

/// The mixture of one step's images [N][C][H][W]; a function of its arguments alone. Throws as check does, and
/// where the end is not known but needed.
Mix draw_mix(const MixOptions& options, std::uint64_t seed, const MixStep& at, const Shape& images);

/// The images mixed; without a mixture the very tensor. Throws ArgumentError for a mixture of another batch.
Tensor mixed(const Mix& mix, const Tensor& images);
/// The targets [labels][classes] that go with them: 1 at the label, or the two labels' shares. Throws
/// ArgumentError for a mixture of another batch and for a label that is no class.
Tensor mixed_targets(const Mix& mix, std::span<const std::uint8_t> labels, Index classes);
/// The same of targets [N][classes] that are shares already.
Tensor mixed_targets(const Mix& mix, const Tensor& targets);

}  // namespace mien::data
