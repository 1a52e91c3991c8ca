// Training steps and predictions on random images, by the code that fertrain and ferpredict run.
#include <sys/resource.h>

#include "mien/infer/session.hpp"
#include "workload.hpp"

namespace mien::bench {
namespace {

constexpr Index kBatches = 4;

double peak_resident_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

}  // namespace

void run_step(const Options& options) {
  const data::Dataset dataset = random_images(find_spec(options.model), kBatches * options.batch);
  train::Trainer trainer = make_trainer(options, dataset);
  const Timing timing = measure(options.runs, kWarmUpSteps, [&] { (void)trainer.step(); });
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

}  // namespace mien::bench
