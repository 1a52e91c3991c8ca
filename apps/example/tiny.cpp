// mien in one page: define a network, train it, save it, read it back and predict.
//
//   mien_tiny data/faces.csv.gz tiny.safetensors
#include <cstdio>

#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "mien/data/loader.hpp"
#include "mien/data/open.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/infer/session.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/nn/network.hpp"
#include "mien/optim/adam.hpp"

int main(int argc, char** argv) try {
  if (argc != 3) throw mien::ArgumentError("usage: mien_tiny FACES.csv MODEL.safetensors");
  constexpr std::uint64_t kSeed = 1;

  // A model is plain data until it is built: what its file will hold.
  mien::model::ModelFile model;
  model.name = "tiny";
  model.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 16 5 same stride 2 | batchnorm | relu | conv 32 3 same stride 2 | relu | dense 7");
  model.labels = mien::data::class_names();
  model.normalization.per_image = mien::image::PerImage::norm100;

  // Parameters start at zero, so they are initialized; the optimizer and the file refer to the same tensors.
  mien::nn::Network network = mien::nn::build(model.spec);
  mien::nn::initialize(network, mien::nn::Scheme::he, kSeed);
  mien::optim::Adam adam(network.parameters());

  const mien::data::Dataset faces = mien::data::open_dataset(argv[1]);
  mien::data::Loader loader(faces, faces.indices(mien::data::Split::training), model.normalization, 50, kSeed);
  for (std::uint64_t step = 0; step < 100; ++step) {
    const mien::data::Batch batch = loader.batch(step);
    mien::autograd::Tape tape;  // remembers the operations of this step, to differentiate them
    const auto logits = network.forward(tape, tape.constant(batch.images), mien::nn::Mode::train(kSeed, step));
    const auto loss = mien::autograd::softmax_cross_entropy(logits, batch.labels);
    tape.backward(loss);
    adam.step(0.003f);  // uses the gradients up
    if (step % 20 == 0) std::printf("step %3d  loss %.4f\n", static_cast<int>(step), loss.value().values()[0]);
  }

  for (const auto* parameter : network.parameters())
    model.weights.push_back({parameter->name, parameter->value});
  mien::model::write_model(argv[2], model);

  // Predicting needs the file alone, and of the library only mien::runtime.
  mien::infer::Session session(mien::model::read_model(argv[2]), mien::eval::kEvaluationBatch);
  const auto result = mien::eval::evaluate(
      faces, faces.indices(mien::data::Split::private_test), model.normalization, model.labels,
      [&](float* probabilities, const float* x, mien::Index n) { session.predict(probabilities, x, n); });
  std::printf("%td of %td unseen faces right\n", result.confusion.correct(), result.confusion.total());
} catch (const mien::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
