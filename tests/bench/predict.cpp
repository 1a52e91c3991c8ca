// Predictions by the code that ferpredict runs: of random images or a file's, with random weights or a file's.
#include <algorithm>

#include "mien/core/error.hpp"
#include "mien/data/fer2013.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/encoding.hpp"
#include "workload.hpp"

namespace mien::bench {
namespace {

// Rounds go through several images, since each needs other rows of the weights and finds less of them in cache.
constexpr Index kImages = 64;

model::ModelFile find_model(const Options& options) {
  model::ModelFile model;
  if (options.weights.empty()) {
    const data::Dataset dataset = random_images(find_spec(options.model), options.batch);
    model = make_trainer(options, dataset).snapshot();
  } else {
    model = model::read_model(std::filesystem::path(options.weights));
  }
  return options.dtype.empty() ? model : model::with_encoding(model, model::parse_encoding(options.dtype));
}

data::Dataset find_images(const Options& options, const model::ModelSpec& spec) {
  data::Dataset dataset = options.file.empty() ? random_images(spec, std::max(kImages, options.batch))
                                               : data::read_fer2013_csv(options.file);
  const Shape taken{spec.channels, spec.height, spec.width};
  const Shape held{1, dataset.height, dataset.width};
  if (taken == held) return dataset;
  throw DataError("the model takes " + taken.to_string() + " images, the data are " + held.to_string());
}

}  // namespace

// Preparing the pixels is part of it: the networks of other runtimes do so, too.
void run_predict(const Options& options) {
  const model::ModelFile model = find_model(options);
  infer::Session session(model, options.batch);
  const data::Dataset dataset = find_images(options, model.spec);
  const Index pixels = dataset.image_size();
  Tensor images = Tensor::uninitialized({options.batch, pixels});
  Tensor probabilities = Tensor::uninitialized({options.batch, session.class_count()});
  Index next = 0;
  const Timing timing = measure(options.runs, 3, [&] {
    for (Index i = 0; i < options.batch; ++i, ++next) {
      image::normalize(images.mutable_data() + i * pixels, dataset.image(next % dataset.size()).data(), pixels,
                       model.normalization);
    }
    session.predict(probabilities.mutable_data(), images.data(), options.batch);
  });
  Json json = report(options, timing);
  json.set("dtype", options.dtype.empty() ? "as stored" : options.dtype);
  print(options, json);
}

}  // namespace mien::bench
