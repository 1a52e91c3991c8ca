#include "workload.hpp"

#include "mien/core/random.hpp"
#include "mien/train/option_rows.hpp"

namespace mien::bench {

data::Dataset random_images(const model::ModelSpec& spec, Index count) {
  data::Dataset dataset;
  dataset.height = spec.height;
  dataset.width = spec.width;
  dataset.source = "random";
  RandomStream random(1, RandomPurpose::user, 0);
  dataset.pixels.resize(static_cast<std::size_t>(count * dataset.image_size()));
  for (std::uint8_t& pixel : dataset.pixels) pixel = static_cast<std::uint8_t>(random.next_below(256));
  for (Index i = 0; i < count; ++i) {
    dataset.labels.push_back(static_cast<std::uint8_t>(i % static_cast<Index>(data::kClassCount)));
    dataset.splits.push_back(data::Split::training);
  }
  return dataset;
}

train::Trainer make_trainer(const Options& options, const data::Dataset& dataset) {
  train::TrainOptions train_options = train::recipe("paper");
  train_options.spec = find_spec(options.model);
  train_options.batch = options.batch;
  train::set_options(train_options, {{"--precision", options.precision}, {"--moments", options.moments}});
  return {train_options, dataset, dataset.indices(data::Split::training), data::class_names()};
}

}  // namespace mien::bench
