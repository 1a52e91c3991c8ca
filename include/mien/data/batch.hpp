// Rows of a dataset made ready for a network.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/core/tensor.hpp"
#include "mien/data/dataset.hpp"
#include "mien/image/augment.hpp"
#include "mien/image/preprocess.hpp"

namespace mien::data {

struct Batch {
  Tensor images;  ///< [N][1][H][W], prepared
  std::vector<std::uint8_t> labels;
  /// [N][H * W], what teachers look at: what `images` was prepared from or, where that may be degraded, what it
  /// was before. They cannot say what they do not see, and the network is to say it all the same.
  std::vector<std::uint8_t> pixels;
};

/// Prepares rows of a dataset: [rows][1][H][W] and their labels, in the order given.
Batch prepare(const Dataset& dataset, std::span<const std::uint32_t> rows, const image::Normalization& how);

/// The same of images changed at random. What happens to place i depends on (seed, first_image + i) alone.
Batch prepare_augmented(const Dataset& dataset, std::span<const std::uint32_t> rows,
                        const image::Normalization& how, const image::Augmentation& augmentation,
                        std::uint64_t seed, std::uint64_t first_image);

}  // namespace mien::data
