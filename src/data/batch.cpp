#include "mien/data/batch.hpp"

#include "mien/core/parallel.hpp"

namespace mien::data {

Batch prepare(const Dataset& dataset, std::span<const std::uint32_t> rows, const image::Normalization& how) {
  const Index n = static_cast<Index>(rows.size());
  Batch batch;
  batch.images = Tensor::uninitialized({n, 1, dataset.height, dataset.width});
  batch.labels.resize(rows.size());
  parallel_for(n, [&](Index i) {
    const Index row = static_cast<Index>(rows[static_cast<std::size_t>(i)]);
    const std::span<const std::uint8_t> pixels = dataset.image(row);
    image::normalize(batch.images.mutable_data() + i * dataset.image_size(), pixels.data(),
                     dataset.image_size(), how);
    batch.labels[static_cast<std::size_t>(i)] = dataset.labels[static_cast<std::size_t>(row)];
  });
  return batch;
}

}  // namespace mien::data
