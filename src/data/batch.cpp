#include "mien/data/batch.hpp"

#include "mien/core/parallel.hpp"

namespace mien::data {

Batch prepare(const Dataset& dataset, std::span<const std::uint32_t> rows, const image::Normalization& how) {
  return prepare_augmented(dataset, rows, how, {}, 0, 0);
}

Batch prepare_augmented(const Dataset& dataset, std::span<const std::uint32_t> rows,
                        const image::Normalization& how, const image::Augmentation& augmentation,
                        std::uint64_t seed, std::uint64_t first_image) {
  const Index n = static_cast<Index>(rows.size()), size = dataset.image_size();
  Batch batch;
  batch.images = Tensor::uninitialized({n, 1, dataset.height, dataset.width});
  batch.labels.resize(rows.size());
  batch.pixels.resize(rows.size() * static_cast<std::size_t>(size));
  const bool degrades = image::degrades(augmentation);
  std::vector<std::uint8_t> degraded(degrades ? batch.pixels.size() : 0);
  parallel_for(n, [&](Index i) {
    const std::uint32_t row = rows[static_cast<std::size_t>(i)];
    std::uint8_t* shown = batch.pixels.data() + i * size;
    std::uint8_t* pixels = degrades ? degraded.data() + i * size : shown;
    image::augment(pixels, dataset.image(row).data(), dataset.height, dataset.width, augmentation,
                   RandomStream(seed, RandomPurpose::augmentation, first_image + static_cast<std::uint64_t>(i)),
                   degrades ? shown : nullptr);
    image::normalize(batch.images.mutable_data() + i * size, pixels, size, how);
    batch.labels[static_cast<std::size_t>(i)] = dataset.labels[row];
  });
  return batch;
}

}  // namespace mien::data
