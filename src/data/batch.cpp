#include "mien/data/batch.hpp"

#include <algorithm>

#include "mien/core/parallel.hpp"

namespace mien::data {

Batch prepare(const Dataset& dataset, std::span<const std::uint32_t> rows, const image::Normalization& how) {
  return prepare_augmented(dataset, rows, how, {}, 0, 0);
}

Batch prepare_augmented(const Dataset& dataset, std::span<const std::uint32_t> rows,
                        const image::Normalization& how, const image::Augmentation& augmentation,
                        std::uint64_t seed, std::uint64_t first_image, const ViewCycle& views, Places places) {
  const Index n = static_cast<Index>(rows.size()), size = dataset.image_size();
  const std::uint64_t all_rows = dataset.labels.size();
  Batch batch;
  batch.rows.assign(rows.begin(), rows.end());
  batch.view = views.number;
  batch.images = Tensor::uninitialized({n, dataset.channels, dataset.height, dataset.width});
  batch.labels.resize(rows.size());
  batch.pixels.resize(rows.size() * static_cast<std::size_t>(size));
  const image::PictureShape shape{dataset.height, dataset.width, dataset.channels};
  const bool apart = views.count > 0 || image::degrades(augmentation);
  std::vector<std::uint8_t> changed(apart ? batch.pixels.size() : 0);
  const auto prepare_one = [&](Index i) {
    const std::uint32_t row = rows[static_cast<std::size_t>(i)];
    std::uint8_t* shown = batch.pixels.data() + i * size;
    std::uint8_t* pixels = apart ? changed.data() + i * size : shown;
    const std::uint8_t* image = dataset.image(row).data();
    RandomStream random(seed, RandomPurpose::augmentation, first_image + static_cast<std::uint64_t>(i));
    RandomStream of_view(seed, RandomPurpose::views, views.number * all_rows + row);
    image::change_view(shown, image, shape, augmentation, views.count > 0 ? of_view : random);
    if (apart) std::copy_n(shown, size, pixels);
    image::degrade_and_erase(pixels, shape, augmentation, random);
    image::normalize(batch.images.mutable_data() + i * size, pixels, size, how);
  };
  for (std::size_t i = 0; i < rows.size(); ++i) batch.labels[i] = dataset.labels[rows[i]];
  if (places.empty()) {
    parallel_for(n, prepare_one);
  } else {
    parallel_for(static_cast<Index>(places.size()),
                 [&](Index i) { prepare_one(static_cast<Index>(places[static_cast<std::size_t>(i)])); });
  }
  return batch;
}

}  // namespace mien::data
