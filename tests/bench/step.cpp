// Training steps and predictions on random images, by the code that fertrain and ferpredict run.
#include <sys/resource.h>

#include <filesystem>

#include "bench.hpp"
#include "mien/core/random.hpp"
#include "mien/data/fer2013.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/trainer.hpp"

namespace mien::bench {
namespace {

constexpr Index kBatches = 4;

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
  return {train_options, dataset, dataset.indices(data::Split::training),
          std::vector<std::string>(data::kClassNames.begin(), data::kClassNames.end())};
}

double peak_resident_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

}  // namespace

void run_step(const Options& options) {
  const data::Dataset dataset = random_images(find_spec(options.model), kBatches * options.batch);
  train::Trainer trainer = make_trainer(options, dataset);
  const Timing timing = measure(options.runs, 2, [&] { (void)trainer.step(); });
  Json json = report(options, timing);
  json.set("images_per_second", static_cast<double>(options.batch) / timing.median_ms * 1e3);
  json.set("peak_resident_mb", peak_resident_mb());
  print(options, json);
}

void run_predict(const Options& options) {
  const data::Dataset dataset = random_images(find_spec(options.model), options.batch);
  model::ModelFile model = make_trainer(options, dataset).snapshot();
  infer::Session session(model, options.batch);
  Tensor images = Tensor::uninitialized({options.batch, session.input_size()});
  for (Index i = 0; i < options.batch; ++i) {
    image::normalize(images.mutable_data() + i * session.input_size(), dataset.image(i).data(),
                     session.input_size(), model.normalization);
  }
  Tensor probabilities = Tensor::uninitialized({options.batch, session.class_count()});
  const Timing timing = measure(
      options.runs, 3, [&] { session.predict(probabilities.mutable_data(), images.data(), options.batch); });
  print(options, report(options, timing));
}

void run_csv(const Options& options) {
  Index rows = 0;
  const Timing timing = measure(options.runs, 1, [&] {
    const data::Dataset dataset = data::read_fer2013_csv(options.file);
    rows = dataset.size();
  });
  const double bytes = static_cast<double>(std::filesystem::file_size(options.file));
  Json json = report(options, timing);
  json.set("rows", rows);
  json.set("mb_per_second", bytes / 1e6 / (timing.median_ms / 1e3));
  print(options, json);
}

}  // namespace mien::bench
