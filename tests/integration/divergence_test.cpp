// The ways in which a run's numbers stop being numbers, and that each ends it by name.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "mien/train/run.hpp"
#include "mien/train/teachers.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"

using mien::DivergedError;
using mien::Index;
using mien::data::Split;
using namespace mien::train;

using namespace mien::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TrainOptions normalized_options() {
  TrainOptions options = recipe("paper");
  options.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 4 5 same stride 4 | batchnorm | relu | conv 4 3 same | batchnorm | relu | dense 7");
  options.batch = 8;
  options.schedule.base = 1e-3f;
  return options;
}

mien::Tensor& values_of(const Trainer& trainer, const std::string& name) {
  for (auto* parameter : trainer.parameters()) {
    if (parameter->name == name) return parameter->value;
  }
  throw mien::ArgumentError("no parameter " + name);
}

void multiply(mien::Tensor& values, float factor) {
  for (Index i = 0; i < values.size(); ++i) values.mutable_data()[i] *= factor;
}

// Does something to the network after a step; counts what else happens.
class Spoiler : public RunObserver {
 public:
  Spoiler(Trainer& trainer, std::uint64_t step, std::function<void(Trainer&)> spoil)
      : trainer_(trainer), step_(step), spoil_(std::move(spoil)) {}
  void on_step(const Trainer&, const StepResult&) override {
    if (trainer_.steps_done() == step_) spoil_(trainer_);
  }
  void on_evaluation(Trainer&, const RunState&, bool best) override { kept += best; }
  void on_checkpoint(Trainer&, const RunState&) override { ++checkpoints; }
  bool stop_requested() override { return stop; }
  int kept = 0, checkpoints = 0;
  bool stop = false;

 private:
  Trainer& trainer_;
  std::uint64_t step_;
  std::function<void(Trainer&)> spoil_;
};

struct Outcome {
  std::string error;
  int kept, checkpoints;
};

// Six steps, an evaluation after every other; after the fourth something is spoiled.
Outcome run_spoiled(const TrainOptions& options, const std::function<void(Trainer&)>& spoil,
                    bool stop = false) {
  Trainer trainer = make_trainer(options);
  RunState state;
  Spoiler observer(trainer, 4, spoil);
  const std::vector<std::uint32_t> rows = faces().indices(Split::public_test);
  // One that is interrupted there is not evaluated.
  const RunLimits limits{.steps = 6, .eval_every = stop ? std::uint64_t{100} : 2};
  observer.stop = stop;
  std::string error;
  if (stop) {
    for (int i = 0; i < 3; ++i) trainer.step();
  }
  error = error_of<DivergedError>([&] { run(trainer, state, rows, limits, observer); });
  return {error, observer.kept, observer.checkpoints};
}

}  // namespace

TEST_CASE("a variance that becomes infinite stops a run at its step, which leaves no trace") {
  TrainOptions options = normalized_options();
  options.average = 0.9f;
  Trainer trainer = make_trainer(options);
  for (int i = 0; i < 2; ++i) trainer.step();
  multiply(values_of(trainer, "conv1.weight"), 1e20f);
  const std::vector<float> before = parameter_values(trainer);
  CHECK(
      error_of<DivergedError>([&] { trainer.step(); }) ==
      "[train] step 3: batchnorm1.running_var is NaN or infinite; all layers' outputs and the loss are finite");
  CHECK(same_bits(parameter_values(trainer), before));
  CHECK(trainer.steps_done() == 2);
}

TEST_CASE("without a guard an infinite variance goes through, and is never kept") {
  TrainOptions options = normalized_options();
  options.guard = false;
  const Outcome outcome = run_spoiled(
      options, [](Trainer& trainer) { values_of(trainer, "batchnorm1.running_var").fill(kInfinity); });
  CHECK(outcome.error == "no error");
  CHECK(outcome.kept == 1);
  CHECK(outcome.checkpoints == 1);
}

TEST_CASE("a run ends when anything it would keep or go on from is not finite") {
  struct Case {
    const char* what;
    std::function<void(Trainer&)> spoil;
    const char* error;
    int kept;  // weights that are kept before the trouble is met
  };
  const std::vector<Case> cases = {
      {"a weight", [](Trainer& t) { values_of(t, "conv2.weight").mutable_data()[3] = kInfinity; },
       "[train] step 4: conv2.weight is NaN or infinite", 1},
      {"a running statistic", [](Trainer& t) { values_of(t, "batchnorm2.running_mean").fill(std::nanf("")); },
       "[train] step 4: batchnorm2.running_mean is NaN or infinite", 1},
      {"outputs of finite weights", [](Trainer& t) { values_of(t, "batchnorm2.weight").fill(3e38f); },
       "[train] step 4: for a sample image the first output that is not finite is that of batchnorm2", 1},
      {"a moment",
       [](Trainer& t) {
         mien::Tensor moments({7});
         moments.fill(kInfinity);
         t.optimizer().set_state("adam.v.dense1.bias", moments);
       },
       "[train] step 4: adam.v.dense1.bias is NaN or infinite", 2},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    const Outcome outcome = run_spoiled(normalized_options(), c.spoil);
    CHECK(outcome.error == c.error);
    CHECK(outcome.kept >= 1);  // before it was spoiled
    CHECK(outcome.kept <= c.kept);
    CHECK(outcome.checkpoints == 1);
    const Outcome interrupted = run_spoiled(normalized_options(), c.spoil, true);
    CHECK(interrupted.error == c.error);
    CHECK(interrupted.checkpoints == 0);
  }
}

TEST_CASE(
    "a run ends when the average of its weights is not finite, or the weights are and their average not") {
  TrainOptions options = normalized_options();
  options.average = 0.9f;
  const Outcome average =
      run_spoiled(options, [](Trainer& t) { t.average()->values()[0].mutable_data()[0] = std::nanf(""); });
  CHECK(average.error == "[train] step 4: the average of conv1.weight is NaN or infinite");
  CHECK(average.kept == 1);
  CHECK(average.checkpoints == 1);
  const Outcome weights =
      run_spoiled(options, [](Trainer& t) { values_of(t, "conv1.weight").mutable_data()[0] = kInfinity; });
  CHECK(weights.error == "[train] step 4: conv1.weight is NaN or infinite");
  CHECK(weights.checkpoints == 1);
}

TEST_CASE(
    "an evaluation whose outputs are not finite names the layer; without a guard it says what comes out") {
  TrainOptions options = normalized_options();
  options.spec = mien::model::ModelSpec::from_text("input 1 48 48 | dense 7");
  options.per_image = mien::image::PerImage::none;
  options.per_pixel = false;
  const std::vector<std::uint32_t> rows = faces().indices(Split::public_test);
  for (const bool guard : {true, false}) {
    options.guard = guard;
    Trainer trainer = make_trainer(options);
    // Where the sample image is black other images are not.
    const mien::Tensor sample = trainer.snapshot().sample_input;
    const Index pixel = std::find(sample.data(), sample.data() + sample.size(), 0.0f) - sample.data();
    REQUIRE(pixel < sample.size());
    values_of(trainer, "dense1.weight").mutable_data()[pixel * 7] = 3e38f;
    CHECK(trainer.fault().empty());
    CHECK(error_of<DivergedError>([&] { (void)trainer.evaluate(rows); }) ==
          (guard ? "[train] step 0: in the evaluation the first output that is not finite is that of dense1"
                 : "no error"));
  }
}

// Folded into the convolution's weights the two factors are beyond fp32, one after the other they are not.
TEST_CASE("a run of which nothing could be kept that the runtime reads has diverged") {
  TrainOptions options = normalized_options();
  options.spec =
      mien::model::ModelSpec::from_text("input 1 48 48 | conv 4 5 same stride 4 | batchnorm | dense 7");
  options.per_image = mien::image::PerImage::none;
  options.per_pixel = false;
  options.input_scale = 1e-30f;
  for (const bool guard : {true, false}) {
    options.guard = guard;
    Trainer trainer = make_trainer(options);
    RunState state;
    Spoiler observer(trainer, 1, [](Trainer& t) {
      values_of(t, "conv1.weight").fill(1e10f);
      values_of(t, "batchnorm1.weight").fill(1e30f);
    });
    const std::string error = error_of<DivergedError>([&] { run(trainer, state, {}, {.steps = 1}, observer); });
    CHECK(observer.kept == 0);
    CHECK(error.starts_with(guard ? "[train] step 1: no weights that could be kept; numbers are so large that "
                                    "rounding decides what comes out; for a sample image the outputs of "
                                  : "no error"));
  }
}

TEST_CASE("a loss that is infinite of finite outputs names the layer they are of") {
  TrainOptions options = normalized_options();
  options.loss_kind = LossKind::l2svm;
  Trainer trainer = make_trainer(options);
  multiply(values_of(trainer, "dense1.weight"), 1e22f);
  const std::string error = error_of<DivergedError>([&] { trainer.step(); });
  CHECK(error.starts_with(
      "[train] step 1: the loss is infinite; all layers' outputs are finite, the loss itself is "
      "not; the outputs of dense1 reach "));
}

TEST_CASE("weights to start from that are not finite are refused by name") {
  Trainer trainer = make_trainer(normalized_options());
  mien::model::ModelFile model = trainer.snapshot();
  for (mien::model::Weight& weight : model.weights) weight.tensor = weight.tensor.clone();
  model.weights[0].tensor.mutable_data()[1] = std::nanf("");
  model.name = "half";
  CHECK(error_of([&] { trainer.start_from(model); }) == "half: conv1.weight holds NaN or infinity");
}

TEST_CASE("a teacher's outputs that are not finite once divided by the temperature are the teacher's") {
  const mien::test::TemporaryFolder folder;
  TrainOptions options = normalized_options();
  options.spec = mien::model::ModelSpec::from_text("input 1 48 48 | dense 7");
  Trainer trainer = make_trainer(options);
  values_of(trainer, "dense1.bias").fill(3e37f);
  mien::model::write_model(folder / "t.safetensors", trainer.snapshot());
  const std::string path = (folder / "t.safetensors").string();
  Teachers teachers(std::vector<FileIdentity>{identify_file(path)}, {1, 48, 48}, labels(), 1);
  const std::vector<std::uint8_t> pixels(48 * 48, 7);
  CHECK_NOTHROW(teachers.probabilities(pixels, {}, 1));
  CHECK(error_of([&] { (void)teachers.probabilities(pixels, {}, 0.01f); }) ==
        path + ": gives outputs that are not finite");
}
