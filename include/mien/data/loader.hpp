// Batches for training: shuffled, and each a function of (seed, epoch, place) alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "mien/data/batch.hpp"
#include "mien/data/epoch_order.hpp"

namespace mien::data {

/// Whole batches of `rows` rows, or the one small batch of fewer.
std::uint64_t batches_per_epoch(std::size_t rows, Index batch_size);

/// Cuts a new random order of the rows into batches every epoch. Rows that do not fill a last batch are left
/// out of that epoch (another epoch's order will use them); fewer rows than one batch make one small batch.
/// Keeps a reference to the dataset.
class Loader {
 public:
  /// With `views`, epochs show so many of each image in turn (ViewCycle). Throws ArgumentError for no rows, a
  /// batch below 1 or an augmentation out of range.
  Loader(const Dataset& dataset, std::vector<std::uint32_t> rows, image::Normalization how, Index batch_size,
         std::uint64_t seed, const image::Augmentation& augmentation = {}, std::uint64_t views = 0);

  std::uint64_t batches_per_epoch() const { return batches_per_epoch_; }
  /// Images of a batch.
  Index size() const { return std::min(batch_size_, static_cast<Index>(order_.size())); }
  /// From the next batch on.
  void set_normalization(image::Normalization how) { how_ = std::move(how); }
  /// The batch of training step `step`, counted from 0 over all epochs.
  Batch batch(std::uint64_t step, Places places = {});

 private:
  const Dataset& dataset_;
  EpochOrder order_;
  image::Normalization how_;
  Index batch_size_;
  std::uint64_t seed_;
  image::Augmentation augmentation_;
  std::uint64_t views_;
  std::uint64_t batches_per_epoch_;
};

}  // namespace mien::data
