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

/// Images and their labels, as a network learns from them.
struct Batch {
  std::vector<std::uint32_t> rows;  ///< of the dataset
  std::uint64_t view = 0;           ///< the number in their ViewCycle
  Tensor images;                    ///< [N][C][H][W], prepared
  std::vector<std::uint8_t> labels;
  /// [N][C * H * W], what teachers look at: what `images` was prepared from. Where that may be degraded, or is
  /// a view that comes again, it is the picture before degradation: teachers see it well, and the network
  /// learns to say the same of the degraded one.
  std::vector<std::uint8_t> pixels;
};

/// Prepares rows of a dataset: [rows][C][H][W] and their labels, in the order given.
Batch prepare(const Dataset& dataset, std::span<const std::uint32_t> rows, const image::Normalization& how);

/// `count` views of each image, this being the one of that `number`, 0 .. count - 1. A view is how an image is
/// moved and lit; what teachers say of one that comes again is known. Without any, each is new.
struct ViewCycle {
  std::uint64_t count = 0, number = 0;
};

/// Which places of a batch to prepare, first to last; the images and pixels of others are whatever. Empty: all.
using Places = std::span<const std::uint32_t>;

/// The same of images changed at random. The change of place i depends on (seed, first_image + i) alone. With
/// views, how it is moved and lit depends on (seed, its row, the view's number) instead.
Batch prepare_augmented(const Dataset& dataset, std::span<const std::uint32_t> rows,
                        const image::Normalization& how, const image::Augmentation& augmentation,
                        std::uint64_t seed, std::uint64_t first_image, const ViewCycle& views = {},
                        Places places = {});

}  // namespace mien::data
