// Training steps on random images, by the code that fertrain runs.
#include <sys/resource.h>

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

}  // namespace mien::bench
