// Networks with branches from the first step to the runtime's prediction.
#include "support/branched.hpp"

#include <string>

#include "mien/eval/evaluate.hpp"
#include "mien/infer/session.hpp"
#include "support/catch.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"

using namespace mien::test;
using mien::Index;
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

/// What the runtime measures with the file that the trainer writes.
mien::eval::Evaluation evaluated_from_file(Trainer& trainer, std::span<const std::uint32_t> rows) {
  const TemporaryFolder folder;
  mien::model::write_model(folder / "m.safetensors", trainer.snapshot());
  const auto model = mien::model::read_model(folder / "m.safetensors");
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  return mien::eval::evaluate(faces(), rows, model.normalization, model.labels,
                              [&](float* p, const float* x, Index n) { session.predict(p, x, n); });
}

}  // namespace

TEST_CASE("networks with branches learn forty faces by heart") {
  const std::string spec = GENERATE(kResnetSpec, kMobilenetSpec);
  INFO(spec);
  Trainer trainer = trained(spec, 120);
  std::vector<std::uint32_t> rows = faces().indices(mien::data::Split::training);
  rows.resize(40);
  CHECK(trainer.evaluate(rows).confusion.accuracy() == 1.0);
}

TEST_CASE("the runtime measures of networks with branches what training did") {
  const std::string spec = GENERATE(kResnetSpec, kMobilenetSpec);
  INFO(spec);
  const auto rows = faces().indices(mien::data::Split::public_test);
  SECTION("bit for bit where nothing is folded") {
    Trainer trainer = trained(without_batch_norm(spec), 10);
    const auto mine = trainer.evaluate(rows);
    const auto theirs = evaluated_from_file(trainer, rows);
    CHECK(mine.loss == theirs.loss);
    CHECK(mine.right == theirs.right);
  }
  SECTION("but for rounding where batch normalization goes into the weights") {
    Trainer trainer = trained(spec, 10);
    CHECK(trainer.evaluate(rows).loss == Approx(evaluated_from_file(trainer, rows).loss).epsilon(1e-5));
  }
}
