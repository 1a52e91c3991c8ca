// Networks with branches from the first step to the runtime's prediction.
#include "support/branched.hpp"

#include <algorithm>
#include <string>

#include "mien/autograd/ops.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/infer/session.hpp"
#include "mien/nn/network.hpp"
#include "support/catch.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"

using namespace mien::test;
using mien::Index;
using mien::Tensor;
using mien::eval::Evaluation;
using mien::model::ModelFile;
using mien::train::Trainer;
using mien::train::TrainOptions;

namespace {

/// On forty faces.
Trainer trained(const std::string& spec, int steps) {
  TrainOptions options = mien::train::recipe("paper");
  options.model_name = "branched";
  options.spec = mien::model::ModelSpec::from_text(spec);
  options.batch = 20;
  options.schedule.base = 1e-2f;
  std::vector<std::uint32_t> rows = faces().indices(mien::data::Split::training);
  rows.resize(40);
  Trainer trainer(options, faces(), rows, labels());
  for (int i = 0; i < steps; ++i) trainer.step();
  return trainer;
}

/// The same network, its convolutions as they are. What is named is then the convolution's value.
std::string without_batch_norm(std::string spec) {
  const std::string layer = " | batchnorm";
  for (std::size_t at; (at = spec.find(layer)) != std::string::npos;) spec.erase(at, layer.size());
  return spec;
}

Evaluation evaluated(const ModelFile& model, const mien::eval::Classify& classify) {
  return mien::eval::evaluate(faces(), faces().indices(mien::data::Split::public_test), model.normalization,
                              model.labels, classify);
}

/// What the runtime measures.
Evaluation by_session(const ModelFile& model) {
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  return evaluated(model, [&](float* p, const float* x, Index n) { session.predict(p, x, n); });
}

/// What the network that learned gives, layer by layer.
Evaluation by_tape(const ModelFile& model) {
  mien::nn::Network network = mien::nn::build(model.spec);
  std::size_t i = 0;
  for (auto* parameter : network.parameters()) parameter->value.copy_from(model.weights[i++].tensor);
  return evaluated(model, [&](float* p, const float* x, Index n) {
    mien::autograd::Tape tape(mien::autograd::Tape::Recording::off);
    const auto images = Tensor::from({n, 1, 48, 48}, {x, static_cast<std::size_t>(n * 48 * 48)});
    const auto logits = network.forward(tape, tape.constant(images), mien::nn::Mode::eval());
    const Tensor probabilities = mien::autograd::softmax(logits).value();
    std::copy_n(probabilities.data(), probabilities.size(), p);
  });
}

}  // namespace

TEST_CASE("networks with branches learn forty faces by heart") {
  const std::string spec = GENERATE(kResnetSpec, kMobilenetSpec);
  INFO(spec);
  Trainer trainer = trained(spec, 120);
  std::vector<std::uint32_t> rows = faces().indices(mien::data::Split::training);
  rows.resize(40);
  CHECK(trainer.evaluate(rows).accuracy == 1.0);
}

TEST_CASE("the runtime measures what training did of networks with branches, from their file, too") {
  const std::string branched = GENERATE(kResnetSpec, kMobilenetSpec);
  const bool folded = GENERATE(false, true);
  const std::string spec = folded ? branched : without_batch_norm(branched);
  INFO(spec);
  Trainer trainer = trained(spec, 10);
  const TemporaryFolder folder;
  mien::model::write_model(folder / "m.safetensors", trainer.snapshot());
  const Evaluation runtime = by_session(mien::model::read_model(folder / "m.safetensors"));
  const mien::train::Measurement training = trainer.evaluate(faces().indices(mien::data::Split::public_test));
  CHECK(runtime.loss == training.loss);
  CHECK(runtime.confusion.accuracy() == training.accuracy);
  // Batch normalization that goes into a convolution's weights rounds elsewhere.
  const Evaluation tape = by_tape(trainer.snapshot());
  if (folded) {
    CHECK(tape.loss == Approx(runtime.loss).epsilon(1e-6));
  } else {
    CHECK(tape.loss == runtime.loss);
    CHECK(tape.right == runtime.right);
  }
}
