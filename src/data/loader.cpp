#include "mien/data/loader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "mien/core/error.hpp"

namespace mien::data {

std::uint64_t batches_per_epoch(std::size_t rows, Index batch_size) {
  return std::max<std::uint64_t>(1, rows / static_cast<std::uint64_t>(batch_size));
}

Loader::Loader(const Dataset& dataset, std::vector<std::uint32_t> rows, image::Normalization how,
               Index batch_size, std::uint64_t seed, const image::Augmentation& augmentation,
               std::uint64_t views)
    : dataset_(dataset),
      order_(std::move(rows), seed),
      how_(std::move(how)),
      batch_size_(batch_size),
      seed_(seed),
      augmentation_(augmentation),
      views_(views) {
  image::check(augmentation);
  if (order_.size() == 0) throw ArgumentError("[loader] no rows");
  if (batch_size < 1)
    throw ArgumentError("[loader] batch must be at least 1, got " + std::to_string(batch_size));
  batches_per_epoch_ = data::batches_per_epoch(order_.size(), batch_size);
}

Batch Loader::batch(std::uint64_t step, Places places) {
  const std::uint64_t epoch = step / batches_per_epoch_;
  const std::span<const std::uint32_t> order = order_.of(epoch);
  const std::size_t begin =
      static_cast<std::size_t>(step % batches_per_epoch_) * static_cast<std::size_t>(batch_size_);
  const std::size_t count = std::min(static_cast<std::size_t>(batch_size_), order.size() - begin);
  return prepare_augmented(dataset_, order.subspan(begin, count), how_, augmentation_, seed_,
                           step * static_cast<std::uint64_t>(batch_size_),
                           {.count = views_, .number = views_ > 0 ? epoch % views_ : 0}, places);
}

}  // namespace mien::data
