// A run as a whole: it learns, it stops and goes on without a trace, it survives bad numbers.
#include "mien/train/trainer.hpp"

#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "mien/core/error.hpp"
#include "mien/core/memory.hpp"
#include "mien/core/parallel.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/metrics.hpp"
#include "mien/train/resume.hpp"
#include "mien/train/run_folder.hpp"
#include "support/catch.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_count_guard.hpp"

using mien::Index;
using mien::data::Split;
using mien::train::Trainer;
using mien::train::TrainOptions;

using namespace mien::test;

namespace {

// Every kind of layer that has a state or a choice of its own.
TrainOptions small_options() {
  TrainOptions options = mien::train::recipe("paper");
  options.model_name = "small";
  options.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 6 5 same stride 2 | batchnorm | relu | maxpool 3 2 same | lrn 2 1 0.001 0.75 | "
      "conv 16 3 same | batchnorm | relu | conv 16 3 same | relu | avgpool 2 2 | dense 32 | relu | dropout 0.5 "
      "| dense 7");
  options.batch = 16;
  options.schedule.base = 1e-3f;
  options.augmentation = {.mirror = 0.5f, .shift = 0.05f, .noise = 8, .jpeg = 40, .erase = 0.1f};
  options.average = 0.99f;
  return options;
}

std::vector<float> all_values(Trainer& trainer) {
  std::vector<float> values = parameter_values(trainer);
  for (const auto& [name, tensor] : trainer.optimizer().state()) {
    values.insert(values.end(), tensor.values().begin(), tensor.values().end());
  }
  for (const mien::Tensor& tensor : trainer.average()->values()) {
    values.insert(values.end(), tensor.values().begin(), tensor.values().end());
  }
  return values;
}

mien::autograd::Parameter& parameter_named(const Trainer& trainer, const std::string& name) {
  for (auto* parameter : trainer.parameters()) {
    if (parameter->name == name) return *parameter;
  }
  throw mien::ArgumentError("no parameter " + name);
}

// What a step that diverges says; it changes nothing.
std::string message_of_diverging_step(Trainer& trainer) {
  const std::vector<float> before = all_values(trainer);
  std::string message;
  try {
    trainer.step();
  } catch (const mien::DivergedError& error) {
    message = error.what();
  }
  CHECK(same_bits(all_values(trainer), before));
  return message;
}

class Silent : public mien::train::RunObserver {
 public:
  void on_step(const Trainer&, const mien::train::StepResult&) override { ++steps; }
  void on_evaluation(Trainer&, const mien::train::RunState&, bool) override { ++evaluations; }
  void on_checkpoint(Trainer&, const mien::train::RunState&) override { ++checkpoints; }
  bool stop_requested() override { return stop_at != 0 && steps >= stop_at; }
  int steps = 0, evaluations = 0, checkpoints = 0, stop_at = 0;
};

}  // namespace

TEST_CASE("a small network memorizes forty faces") {
  TrainOptions options = small_options();
  std::vector<std::uint32_t> rows = faces().indices(Split::training);
  rows.resize(40);
  options.batch = 20;
  options.augmentation = {};  // the very images are to be memorized
  Trainer trainer(options, faces(), rows, labels());
  double first = 0;
  for (int i = 0; i < 200; ++i) {
    const double loss = trainer.step().loss;
    if (i == 0) first = loss;
  }
  CHECK(first > 1.5);
  CHECK(trainer.evaluate(rows).accuracy == 1.0);
}

TEST_CASE("products and moments in bfloat16 learn as well") {
  std::vector<std::uint32_t> rows = faces().indices(Split::training);
  rows.resize(40);
  TrainOptions options = small_options();
  options.batch = 20;
  options.augmentation = {};  // the very images are to be memorized
  options.precision = mien::Precision::bf16;
  options.optimizer = mien::optim::AdamOptions{.moments = mien::Precision::bf16};
  Trainer trainer(options, faces(), rows, labels());
  for (int i = 0; i < 200; ++i) trainer.step();
  CHECK(trainer.evaluate(rows).accuracy == 1.0);
  for (const auto& [name, tensor] : trainer.optimizer().state()) {
    INFO(name);
    bool cut_off = true;
    for (const float value : tensor.values())
      cut_off = cut_off && (std::bit_cast<std::uint32_t>(value) & 0xffff) == 0;
    CHECK(cut_off == (tensor.shape().rank() == 2));
  }
}

#if !defined(MIEN_SANITIZE)  // which gives memory back, so that its use is seen
TEST_CASE("after the first steps of an epoch no step asks the system for memory") {
  TrainOptions options = small_options();
  SECTION("convolutions tap by tap") {}
  SECTION("convolutions by Winograd's method, their filters' gradients summed either way") {
    options.spec = mien::model::ModelSpec::from_text(
        "input 1 48 48 | conv 16 3 same nobias | batchnorm | relu | maxpool 2 2 | conv 32 3 same nobias | "
        "batchnorm | relu | conv 128 3 same | relu | maxpool 2 2 | dense 7");
  }
  Trainer trainer = make_trainer(options);
  for (int i = 0; i < 2; ++i) trainer.step();
  const auto before = mien::memory_statistics();
  for (int i = 0; i < 5; ++i) trainer.step();
  CHECK(mien::memory_statistics().system_allocations == before.system_allocations);
}
#endif

TEST_CASE("sixty steps are thirty, a checkpoint, and thirty, bit for bit, with one thread and with two") {
  const ThreadCountGuard guard;
  const mien::test::TemporaryFolder folder;
  const mien::Precision precision = GENERATE(mien::Precision::f32, mien::Precision::bf16);
  TrainOptions options = small_options();
  options.precision = precision;
  options.optimizer = mien::optim::AdamOptions{.moments = precision};
  std::vector<float> reference;
  for (const int threads : {1, 2}) {
    mien::set_thread_count(threads);
    Trainer whole = make_trainer(options);
    for (int i = 0; i < 60; ++i) whole.step();

    Trainer first = make_trainer(options);
    for (int i = 0; i < 30; ++i) first.step();
    mien::train::write_checkpoint(folder / "c.safetensors", first, {}, {}, mien::train::identify(faces()));
    const auto file = mien::model::SafetensorsFile::open(folder / "c.safetensors");
    Trainer second = make_trainer(mien::train::read_checkpoint(file).options);
    mien::train::restore(second, file);
    CHECK(second.steps_done() == 30);
    for (int i = 0; i < 30; ++i) second.step();

    CHECK(same_bits(all_values(whole), all_values(second)));
    if (threads == 1) reference = all_values(whole);
    CHECK(same_bits(all_values(whole), reference));
  }
}

TEST_CASE("what a checkpoint says is what was put in") {
  const mien::test::TemporaryFolder folder;
  TrainOptions options = small_options();
  options.optimizer = mien::train::kNesterov;
  options.schedule = {.kind = mien::optim::ScheduleKind::plateau, .base = 0.01f, .factor = 0.5f, .patience = 3};
  options.loss.label_smoothing = 0.1f;
  options.seed = ~std::uint64_t{0};
  Trainer trainer = make_trainer(options);
  for (int i = 0; i < 6; ++i) trainer.schedule().report(0.25);  // one drop, and one more without gain
  mien::train::RunState state;
  state.history.push_back({.step = 5, .epoch = 0.5, .train_loss = 1.25});
  state.best_accuracy = 1.0 / 3.0;
  state.best_regular_accuracy = 0.3;
  state.best_step = 4;
  state.evaluations_without_gain = 6;
  state.seconds = 12.5;
  state.planned_steps = 99;
  state.loss_sum = 0.1;
  state.correct = 17;
  state.asked = 40;
  state.images = 48;
  state.training_seconds = 2.25;
  const mien::train::RunLimits limits{.steps = 7, .epochs = 3, .seconds = 1.5, .patience = 2, .eval_every = 11};
  mien::train::DataIdentity data = mien::train::identify(faces());
  data.drop_leaks = true;
  mien::train::write_checkpoint(folder / "c.safetensors", trainer, state, limits, data);

  const auto file = mien::model::SafetensorsFile::open(folder / "c.safetensors");
  const mien::train::Checkpoint read = mien::train::read_checkpoint(file);
  CHECK(mien::train::to_json(read.options) == mien::train::to_json(options));
  CHECK(mien::train::to_json(read.limits) == mien::train::to_json(limits));
  CHECK(read.state.best_accuracy == 1.0 / 3.0);
  CHECK(read.state.best_regular_accuracy == 0.3);
  CHECK(read.state.best_step == 4);
  CHECK(read.state.evaluations_without_gain == 6);
  CHECK(read.state.seconds == 12.5);
  CHECK(read.state.planned_steps == 99);
  CHECK(read.state.loss_sum == 0.1);
  CHECK(read.state.correct == 17);
  CHECK(read.state.asked == 40);
  CHECK(read.state.images == 48);
  CHECK(read.state.training_seconds == 2.25);
  CHECK(read.state.history.size() == 1);
  CHECK(read.state.history[0].train_loss == 1.25);
  CHECK(std::isnan(read.state.history[0].validation_loss));
  CHECK(read.data.sha256 == data.sha256);
  CHECK(read.data.drop_leaks);
  Trainer other = make_trainer(read.options);
  mien::train::restore(other, file);
  CHECK(other.schedule().state().best == 0.25);
  CHECK(other.schedule().state().drops == 1);
  CHECK(other.schedule().state().stale == 1);
  // A checkpoint is a model too.
  CHECK_NOTHROW(mien::infer::Session(mien::model::read_model(file)));
  // Weights alone are no checkpoint.
  mien::model::write_model(folder / "m.safetensors", trainer.snapshot());
  CHECK_THROWS_AS(mien::train::read_checkpoint(mien::model::SafetensorsFile::open(folder / "m.safetensors")),
                  mien::DataError);
}

TEST_CASE("the runtime reads what training wrote and gives the same figures") {
  const mien::test::TemporaryFolder folder;
  TrainOptions options = small_options();
  Trainer trainer = make_trainer(options);
  for (int i = 0; i < 40; ++i) trainer.step();
  mien::model::write_model(folder / "m.safetensors", trainer.snapshot());
  const auto model = mien::model::read_model(folder / "m.safetensors");
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  const auto rows = faces().indices(Split::public_test);
  const auto mine = trainer.evaluate(rows);
  const auto theirs =
      mien::eval::evaluate(faces(), rows, model.normalization, model.labels,
                           [&](float* p, const float* x, Index n) { session.predict(p, x, n); });
  CHECK(mine.accuracy == theirs.confusion.accuracy());
  CHECK(mine.loss == Approx(theirs.loss).epsilon(1e-4));
}

TEST_CASE("a step that is not finite names the step and the layer and leaves everything as it was") {
  Trainer trainer = make_trainer(small_options());
  for (int i = 0; i < 3; ++i) trainer.step();
  for (const char* poisoned : {"conv2.weight", "dense1.bias", "dense2.weight"}) {
    mien::Tensor& values = parameter_named(trainer, poisoned).value;
    const float good = values.data()[1];
    values.mutable_data()[1] = std::nanf("");
    const std::string message = message_of_diverging_step(trainer);
    const std::string layer = std::string(poisoned).substr(0, std::string(poisoned).find('.'));
    CHECK(message ==
          "[train] step 4: the loss is NaN; the first output that is not finite is that of " + layer);
    CHECK(trainer.steps_done() == 3);
    values.mutable_data()[1] = good;
  }
  CHECK_NOTHROW(trainer.step());
}

TEST_CASE("a gradient too large to be squared stops a run before any weight changes") {
  Trainer trainer = make_trainer(small_options());
  mien::Tensor& values = parameter_named(trainer, "dense2.weight").value;
  for (Index i = 0; i < values.size(); ++i) values.mutable_data()[i] *= 1e22f;
  const std::string message = message_of_diverging_step(trainer);
  CHECK(message.find("[train] step 1: the gradient of ") == 0);
  CHECK(message.find(" is NaN, infinite or beyond 1e18; all layers' outputs and the loss are finite") !=
        std::string::npos);
}

TEST_CASE("more epochs than steps can be counted are as many as can be") {
  using mien::train::RunLimits;
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(RunLimits{.epochs = 3}.last_step(4) == 12);
  CHECK(RunLimits{.epochs = most / 4 + 2}.last_step(4) == RunLimits::kMostSteps);
  CHECK(RunLimits{.steps = 5, .epochs = most}.last_step(4) == 5);
}

TEST_CASE("a run stops where its limits say") {
  using mien::train::StopReason;
  const auto rows = faces().indices(Split::public_test);
  const auto run = [&](const mien::train::RunLimits& limits, Silent& observer) {
    Trainer trainer = make_trainer(small_options());
    mien::train::RunState state;
    const StopReason reason = mien::train::run(trainer, state, rows, limits, observer);
    CHECK(state.history.size() == static_cast<std::size_t>(observer.evaluations));
    return reason;
  };
  Silent steps;
  CHECK(run({.steps = 10, .eval_every = 4}, steps) == StopReason::complete);
  CHECK(steps.steps == 10);
  CHECK(steps.evaluations == 3);  // 4, 8, and the end
  Silent interrupted;
  interrupted.stop_at = 5;
  CHECK(run({.steps = 10, .eval_every = 4}, interrupted) == StopReason::interrupted);
  CHECK(interrupted.steps == 5);
  CHECK(interrupted.evaluations == 1);
  CHECK(interrupted.checkpoints == 2);
  Silent late;
  CHECK(run({.steps = 1000, .seconds = 1e-6}, late) == StopReason::time_limit);
  CHECK(late.steps == 1);
  Silent unlimited;
  CHECK_THROWS_AS(run({}, unlimited), mien::ArgumentError);
}

namespace {

TrainOptions unplanned_cosine() {
  TrainOptions options = small_options();
  options.schedule.kind = mien::optim::ScheduleKind::cosine;
  options.schedule.total_steps = mien::train::RunLimits::kUnplanned;
  return options;
}

}  // namespace

TEST_CASE("a run that is to fit a time ends its schedule with it") {
  const TrainOptions options = unplanned_cosine();
  Trainer trainer = make_trainer(options);
  mien::train::RunState state;
  Silent observer;
  const auto reason = mien::train::run(trainer, state, faces().indices(Split::public_test),
                                       {.seconds = 4, .eval_every = 60, .fit_seconds = true}, observer);
  CHECK((reason == mien::train::StopReason::complete || reason == mien::train::StopReason::time_limit));
  CHECK(state.planned_steps > 0);  // how many there are depends on the machine
  CHECK(trainer.steps_done() + 200 >= state.planned_steps);
  CHECK(trainer.learning_rate() < 0.2f * options.schedule.base);
}

TEST_CASE("a run whose time is over before fifty steps is planned all the same") {
  class Slow : public Silent {
   public:
    void on_step(const Trainer&, const mien::train::StepResult&) override {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  };
  const TrainOptions options = unplanned_cosine();
  Trainer trainer = make_trainer(options);
  mien::train::RunState state;
  Slow observer;
  const auto reason =
      mien::train::run(trainer, state, {}, {.seconds = 1.5, .eval_every = 1000, .fit_seconds = true}, observer);
  CHECK((reason == mien::train::StopReason::complete || reason == mien::train::StopReason::time_limit));
  CHECK(trainer.steps_done() < 50);
  CHECK(state.planned_steps <= trainer.steps_done() + 5);
  if (reason == mien::train::StopReason::complete) CHECK(state.planned_steps == trainer.steps_done());
  CHECK(trainer.learning_rate() < 0.2f * options.schedule.base);
}

TEST_CASE("a run that was to fit a time and is then given an end has its schedule end there") {
  const TrainOptions options = unplanned_cosine();
  Trainer trainer = make_trainer(options);
  mien::train::RunState state;
  Silent observer;
  mien::train::run(trainer, state, faces().indices(Split::public_test), {.steps = 40, .eval_every = 40},
                   observer);
  CHECK(trainer.steps_done() == 40);
  CHECK(trainer.learning_rate() < 0.01f * options.schedule.base);
}

TEST_CASE("a run that is to fit a time, and has neither plan nor time, would never end") {
  Trainer trainer = make_trainer(unplanned_cosine());
  mien::train::RunState state;
  Silent observer;
  CHECK_THROWS_AS(mien::train::run(trainer, state, {}, {.fit_seconds = true}, observer), mien::ArgumentError);
}

TEST_CASE("a run of a recipe plans its schedule by its limits, and goes on from a checkpoint by them") {
  const mien::test::TemporaryFolder folder;
  const TrainOptions options = mien::train::recipe("best", small_options().spec);
  Trainer whole = make_trainer(options);
  CHECK_THROWS_WITH(whole.step(), "[schedule] cosine needs to know how many steps there are in all");
  mien::train::RunState state;
  Silent observer;
  mien::train::run(whole, state, {}, {.steps = 20}, observer);
  CHECK(whole.options().schedule.total_steps == 20);
  CHECK(whole.options().schedule.warmup_steps == 2);
  CHECK(whole.learning_rate() == 0);

  Trainer first = make_trainer(options);
  mien::train::RunState cut;
  Silent interrupted;
  interrupted.stop_at = 8;
  mien::train::run(first, cut, {}, {.steps = 20}, interrupted);
  mien::train::write_checkpoint(folder / "c.safetensors", first, cut, {.steps = 20},
                                mien::train::identify(faces()));
  const auto file = mien::model::SafetensorsFile::open(folder / "c.safetensors");
  mien::train::Checkpoint saved = mien::train::resumed(mien::train::read_checkpoint(file), {}, "c");
  CHECK_NOTHROW(mien::train::same_data(saved.data, faces()));
  Trainer second(saved.options, faces(),
                 mien::train::training_rows(faces(), mien::train::resumed_rows(saved.data)), labels());
  mien::train::restore(second, file);
  mien::train::run(second, saved.state, {}, saved.limits, observer);
  CHECK(second.steps_done() == 20);
  CHECK(same_bits(all_values(second), all_values(whole)));
}

TEST_CASE("a run that is made longer has its schedule end later") {
  TrainOptions options = small_options();
  options.schedule.kind = mien::optim::ScheduleKind::cosine;
  options.schedule.total_steps = 4;
  Trainer trainer = make_trainer(options);
  mien::train::RunState state;
  Silent observer;
  mien::train::run(trainer, state, {}, {.steps = 4}, observer);
  CHECK(trainer.learning_rate() < 0.01f * options.schedule.base);
  observer.stop_at = 6;
  mien::train::run(trainer, state, {}, {.steps = 12}, observer);
  CHECK(trainer.learning_rate() == Approx(0.5f * options.schedule.base));
}

TEST_CASE("a run that is made longer mixes for its share of the new length") {
  const auto weights = [](std::uint64_t planned, float until) {
    TrainOptions options = small_options();
    options.mix = {.mixup = 1, .until = until};
    options.schedule.total_steps = planned;
    Trainer trainer = make_trainer(options);
    mien::train::RunState state;
    Silent observer;
    mien::train::run(trainer, state, {}, {.steps = 12}, observer);
    CHECK(trainer.learning_rate() == options.schedule.base);
    return parameter_values(trainer);
  };
  const std::vector<float> planned = weights(12, 0.5f);
  CHECK(same_bits(weights(4, 0.5f), planned));
  CHECK_FALSE(same_bits(weights(12, 0.25f), planned));
  CHECK_FALSE(same_bits(weights(12, 1), planned));
}

TEST_CASE("where a run is cut does not change when its patience ends") {
  // Weights that stay as they are: the first evaluation is the only gain.
  TrainOptions options = small_options();
  options.schedule.base = 0;
  options.average = 0;
  options.spec = mien::model::ModelSpec::from_text("input 1 48 48 | dense 7");
  const auto rows = faces().indices(Split::public_test);
  const auto steps_until_patience = [&](std::uint64_t cut) {
    Trainer trainer = make_trainer(options);
    mien::train::RunState state;
    Silent observer;
    if (cut > 0)
      mien::train::run(trainer, state, rows, {.steps = cut, .patience = 2, .eval_every = 10}, observer);
    const auto reason =
        mien::train::run(trainer, state, rows, {.steps = 100, .patience = 2, .eval_every = 10}, observer);
    CHECK(reason == mien::train::StopReason::patience);
    // As it was left, so it is found: no further step.
    CHECK(mien::train::run(trainer, state, rows, {.steps = 100, .patience = 2, .eval_every = 10}, observer) ==
          reason);
    return trainer.steps_done();
  };
  CHECK(steps_until_patience(0) == 30);
  CHECK(steps_until_patience(5) == 30);  // an evaluation at 5 takes the gain from none at 10
}

TEST_CASE("a run starts from the weights it is given") {
  Trainer first = make_trainer(small_options());
  for (int i = 0; i < 10; ++i) first.step();
  const auto rows = faces().indices(Split::public_test);
  TrainOptions options = small_options();
  options.seed = 7;
  Trainer second = make_trainer(options);
  CHECK(second.evaluate(rows).loss != first.evaluate(rows).loss);
  second.start_from(first.snapshot());
  CHECK(second.evaluate(rows).loss == first.evaluate(rows).loss);
  options.spec = mien::model::ModelSpec::from_text("input 1 48 48 | conv 5 5 same stride 2 | dense 7");
  Trainer other = make_trainer(options);
  CHECK_THROWS_WITH(other.start_from(first.snapshot()), "small: conv1.weight is 6x1x5x5, expected 5x1x5x5");
}

TEST_CASE("a run that starts from a model prepares images as the model learned them") {
  const mien::test::TemporaryFolder folder;
  const auto rows = faces().indices(Split::public_test);
  auto some = faces().indices(Split::training);
  some.resize(40);
  TrainOptions options = small_options();
  Trainer first(options, faces(), some, labels());
  for (int i = 0; i < 10; ++i) first.step();
  Trainer second = make_trainer(options);
  second.start_from(first.snapshot());
  CHECK(second.evaluate(rows).loss == first.evaluate(rows).loss);
  // The same weights, but images prepared as all rows say.
  Trainer unlike = make_trainer(options);
  mien::model::ModelFile weights = first.snapshot();
  weights.normalization = unlike.normalization();
  unlike.start_from(weights);
  CHECK(second.step().loss != unlike.step().loss);
  mien::train::write_checkpoint(folder / "c.safetensors", second, {}, {}, mien::train::identify(faces()));
  Trainer resumed = make_trainer(options);
  mien::train::restore(resumed, mien::model::SafetensorsFile::open(folder / "c.safetensors"));
  CHECK(resumed.step().loss == second.step().loss);

  mien::model::ModelFile model = first.snapshot();
  std::swap(model.labels[0], model.labels[3]);
  CHECK_THROWS_WITH(
      second.start_from(model),
      "small: its labels are happy, disgust, fear, angry, sad, surprise, neutral, expected angry, "
      "disgust, fear, happy, sad, surprise, neutral");
  options.per_image = mien::image::PerImage::center;
  options.per_pixel = false;
  Trainer third = make_trainer(options);
  CHECK_THROWS_WITH(
      third.start_from(first.snapshot()),
      "[start] small takes images prepared with per-image norm100, scale 1, per-pixel on for 2304 pixels, the "
      "options say per-image center, scale 1, per-pixel off");
}

TEST_CASE("a model that does not take the data is refused") {
  TrainOptions options = small_options();
  options.spec = mien::model::ModelSpec::from_text("input 1 47 48 | dense 7");
  CHECK_THROWS_WITH(make_trainer(options), "[train] the model takes 1x47x48 images, the data are 1x48x48");
  options.spec = mien::model::ModelSpec::from_text("dense 8");
  CHECK_THROWS_WITH(make_trainer(options), "[train] the model gives 8 classes, the data have 7");
}

TEST_CASE("one process at a time writes to a run folder") {
  const mien::test::TemporaryFolder folder;
  { const mien::train::RunFolder unused(folder / "run"); }
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
  { const mien::train::RunFolder deep(folder / "runs" / "of" / "today/"); }
  CHECK_FALSE(std::filesystem::exists(folder / "runs"));
  { mien::train::RunFolder(folder / "runs" / "kept").write_text("args.json", "{}"); }
  { const mien::train::RunFolder beside(folder / "runs" / "other" / "run"); }
  CHECK(std::filesystem::exists(folder / "runs" / "kept"));
  CHECK_FALSE(std::filesystem::exists(folder / "runs" / "other"));
  CHECK_THROWS_AS(mien::train::RunFolder(folder / "new" / std::string(300, 'n')), mien::DataError);
  CHECK_FALSE(std::filesystem::exists(folder / "new"));
  { mien::train::RunFolder(folder / "written").write_text("args.json", "{}"); }
  { const mien::train::RunFolder unused(folder / "written"); }
  CHECK(std::filesystem::exists(folder / "written/args.json"));
  CHECK(mien::train::RunFolder(folder / "written/").title("small") == "written, small");
  CHECK(mien::train::RunFolder(folder / "small").title("small") == "small");
  CHECK_NOTHROW(mien::train::require_unused(folder / "written"));
  for (const char* weights : {"best.safetensors", "last.safetensors"}) {
    mien::train::RunFolder(folder / "written").write_text(weights, "");
    CHECK_THROWS_AS(mien::train::require_unused(folder / "written"), mien::ArgumentError);
  }
  const mien::train::RunFolder first(folder / "run");
  CHECK_THROWS_AS(mien::train::RunFolder(folder / "run"), mien::DataError);
  CHECK_THROWS_AS(mien::train::RunFolder("/dev/null/run"), mien::DataError);
}

TEST_CASE("metrics.csv leaves cells empty that were not measured") {
  CHECK(mien::train::metrics_csv(
            {{.step = 2, .epoch = 0.5, .train_loss = 1.5, .learning_rate = 0.25, .seconds = 3}}) ==
        "step,epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,learning_rate,images_per_"
        "second,"
        "seconds\r\n2,0.5,1.5,,,,0.25,,3\r\n");
}
