// A run that learns to find faces.
#include <algorithm>
#include <cstring>

#include "mien/core/error.hpp"
#include "mien/eval/detection.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/checkpoint.hpp"
#include "mien/train/resume.hpp"
#include "mien/train/run.hpp"
#include "support/catch.hpp"
#include "support/drawn_photos.hpp"
#include "support/errors.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_count_guard.hpp"

namespace {

using namespace mien::test;
using mien::data::FacePhotos;
using mien::data::Split;
using mien::train::Trainer;
using mien::train::TrainOptions;

// 60 drawn faces and 20 patterns to learn from, 30 and 40 to be measured on: of so many patterns two false
// boxes are the rate at which recall is told, and not a single one decides it.
const FacePhotos& photos() {
  static const FacePhotos all = [] {
    FacePhotos made;
    made.source = "drawn.tsv";
    const auto add = [&](mien::data::FacePhoto photo, bool held_out) {
      photo.split = held_out ? Split::public_test : Split::training;
      made.photos.push_back(std::move(photo));
    };
    for (std::uint64_t i = 0; i < 90; ++i) add(drawn_photo(i), i >= 60);
    for (std::uint64_t i = 0; i < 60; ++i) add(pattern_photo(i), i >= 20);
    return made;
  }();
  return all;
}

TrainOptions narrow_options() {
  TrainOptions options =
      mien::train::recipe("faces", mien::model::ModelSpec::from_text(kNarrowDetector, "narrow"));
  options.augmentation = {.mirror = 0.5f, .rotate = 10, .brightness = 0.1f, .noise = 5, .erase = 0.1f};
  options.batch = 4;
  options.average = 0.9f;
  options.schedule.base = 1e-2f;
  options.schedule.warmup_steps = 10;
  return options;
}

Trainer make_face_trainer(const TrainOptions& options) {
  return Trainer(options, mien::train::face_task(options, photos(), photos().indices(Split::training)));
}

// What learns the fastest: quite upright and clean, full convolutions.
TrainOptions fast_options() {
  TrainOptions options = narrow_options();
  options.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 8 3 pad 1 stride 2 nobias | batchnorm | relu"
      " | conv 16 3 pad 1 stride 2 nobias | batchnorm | relu | conv 32 3 pad 1 stride 2 nobias | batchnorm | "
      "relu"
      " | conv 32 3 pad 1 nobias | batchnorm | relu as both | conv 1 3 pad 1 as score"
      " | from both | conv 4 3 pad 1 as box | from both | conv 10 3 pad 1 as points | output score box points");
  options.augmentation = {.mirror = 0.5f, .rotate = 5, .brightness = 0.1f};
  options.average = 0.95f;
  options.schedule.base = 2e-2f;
  return options;
}

Trainer planned_trainer(std::uint64_t steps, const TrainOptions& options = narrow_options()) {
  Trainer trainer = make_face_trainer(options);
  trainer.plan({.steps = steps});
  return trainer;
}

std::vector<float> after(std::uint64_t steps, int threads) {
  mien::set_thread_count(threads);
  Trainer trainer = planned_trainer(6);
  for (std::uint64_t i = 0; i < steps; ++i) trainer.step();
  return parameter_values(trainer);
}

}  // namespace

TEST_CASE("a narrow network learns to find drawn faces") {
  constexpr int kSteps = 300;
  Trainer trainer = planned_trainer(kSteps, fast_options());
  std::vector<mien::train::StepResult> results;
  for (int i = 0; i < kSteps; ++i) results.push_back(trainer.step());
  CHECK(results.back().loss < results.front().loss / 2);
  CHECK(results.front().images == 4);
  CHECK(results.front().asked > 4);
  CHECK(results.front().correct <= results.front().asked);
  const auto rows = photos().indices(Split::public_test);
  const mien::train::Measurement measured = trainer.evaluate(rows);
  const mien::model::ModelFile model = trainer.snapshot();
  mien::face::NetworkDetector detector(model);
  const mien::eval::DetectionReport report = mien::eval::measure_detector(photos(), rows, detector);
  INFO(mien::eval::summary(report));
  CHECK(measured.accuracy == report.average_precision);
  CHECK(report.all.faces == 30);
  // Scores are still low after so few steps; what they tell apart is the same on every instruction set.
  CHECK(report.all.recall() > 0.5);
  CHECK(report.recall_at_rate.value_or(0) > 0.8);
  CHECK(report.average_precision > 0.8);
  CHECK(report.false_per_photo() <= 0.3);
  CHECK(*report.overlap > 0.7);
  CHECK(*report.point_error < 0.2);
  // The same again, and what is not measured on has no say.
  CHECK(trainer.evaluate(rows).loss == measured.loss);
  CHECK(trainer.evaluate({}).accuracy == 0);

  const TemporaryFolder folder;
  mien::model::write_model(folder / "model.safetensors", model);
  const mien::model::ModelFile read = mien::model::read_model(folder / "model.safetensors");
  CHECK(read.face_grid == mien::model::FaceGrid());
  CHECK(read.labels.empty());
  CHECK_NOTHROW(mien::infer::Session(read));  // which looks at the sample
  mien::face::NetworkDetector before(model), then(read);
  for (const std::size_t i : {60, 61, 110}) {
    CHECK(before.detect(photos().photos[i].image) == then.detect(photos().photos[i].image));
  }
  mien::model::ModelFile wrong = read;
  wrong.sample_output = read.sample_output.clone();
  wrong.sample_output.mutable_data()[wrong.sample_output.size() - 1] += 0.5f;
  CHECK_THROWS_AS(mien::infer::Session(wrong), mien::DataError);
}

TEST_CASE("a network that looks at one face closely learns where its points are") {
  constexpr const char* kCloser =
      "input 1 48 48 | conv 8 3 pad 1 stride 2 | relu | conv 16 3 pad 1 stride 2 | relu"
      " | conv 16 3 pad 1 stride 2 | relu | conv 48 6 valid as all | conv 1 1 as score"
      " | from all | conv 4 1 as box | from all | conv 10 1 as points | output score box points";
  TrainOptions options = mien::train::recipe("points", mien::model::ModelSpec::from_text(kCloser, "closer"));
  options.augmentation = {.mirror = 0.5f};
  options.batch = 16;
  options.average = 0.9f;
  options.schedule.warmup_steps = 10;
  CHECK_FALSE(mien::train::slides(options));
  CHECK(mien::train::slides(narrow_options()));
  constexpr int kSteps = 200;
  Trainer trainer = planned_trainer(kSteps, options);
  CHECK(trainer.steps_per_epoch() == (60 + 2 * 20) / 16);
  const auto rows = photos().indices(Split::public_test);
  const double before = trainer.evaluate(rows).accuracy;
  for (int i = 0; i < kSteps; ++i) trainer.step();
  const mien::train::Measurement then = trainer.evaluate(rows);
  CHECK(then.accuracy > before + 0.15);
  CHECK(then.accuracy <= 1);
  CHECK(trainer.evaluate(rows).accuracy == then.accuracy);
  CHECK(trainer.snapshot().face_grid->stride == 48);
}

TEST_CASE(
    "training to find faces gives the same bits for any number of threads and goes on as if never stopped") {
  const ThreadCountGuard guard;
  const std::vector<float> whole = after(6, 1);
  CHECK(same_bits(whole, after(6, 3)));
  CHECK_FALSE(same_bits(whole, after(5, 1)));

  const TemporaryFolder folder;
  {
    Trainer first = planned_trainer(6);
    for (int i = 0; i < 4; ++i) first.step();
    mien::train::write_checkpoint(folder / "last.safetensors", first, {}, {.steps = 6},
                                  mien::train::identify(photos()));
  }
  const auto file = mien::model::SafetensorsFile::open(folder / "last.safetensors");
  const mien::train::Checkpoint saved = mien::train::read_checkpoint(file);
  CHECK(saved.options.task == mien::train::TaskKind::faces);
  CHECK(saved.data.sha256 == mien::train::identify(photos()).sha256);
  CHECK_NOTHROW(mien::train::same_data(saved.data, photos()));
  FacePhotos other = photos();
  other.photos[3].faces[0].points[2].x += 1;
  CHECK_THROWS_AS(mien::train::same_data(saved.data, other), mien::DataError);

  Trainer second = make_face_trainer(saved.options);
  mien::train::restore(second, file);
  second.plan(saved.limits);
  CHECK(second.steps_done() == 4);
  // An evaluation in between leaves no trace.
  const auto rows = photos().indices(Split::public_test);
  second.step();
  second.evaluate(std::span(rows).first(2));
  second.step();
  CHECK(same_bits(parameter_values(second), whole));
}

TEST_CASE("an epoch shows photos with faces once and those without twice") {
  Trainer trainer = make_face_trainer(narrow_options());
  CHECK(trainer.steps_per_epoch() == (60 + 2 * 20) / 4 / 4);
  // Fewer photos than a canvas has parts are shown more often.
  TrainOptions options = narrow_options();
  Trainer few(options, mien::train::face_task(options, photos(), {0}));
  few.plan({.steps = 2});
  CHECK(few.steps_per_epoch() == 1);
  CHECK(few.step().images == 4);
  CHECK(few.step().asked > 0);
}

TEST_CASE("training begins with a model whose outputs are read in the same way, and with no other") {
  Trainer trainer = planned_trainer(2);
  mien::model::ModelFile model = trainer.snapshot();
  model.name = "other";
  for (auto& weight : model.weights) weight.tensor = weight.tensor.clone();
  Trainer next = planned_trainer(2, [] {
    TrainOptions options = narrow_options();
    options.seed = 5;
    return options;
  }());
  CHECK_FALSE(same_bits(parameter_values(next), parameter_values(trainer)));
  model.face_grid->min_score = 0.8f;  // whoever uses it chose that
  next.start_from(model);
  CHECK(same_bits(parameter_values(next), parameter_values(trainer)));

  const auto refusal = [](Trainer& of, const mien::model::ModelFile& start) {
    return error_of<mien::Error>([&] { of.start_from(start); });
  };
  mien::model::ModelFile changed = model;
  changed.face_grid->face = 32;
  CHECK(refusal(next, changed) == "other: its outputs are those of another face grid");
  changed = model;
  changed.normalization.scale = 1;
  CHECK(refusal(next, changed).starts_with("[start] other takes images prepared with "));
  TrainOptions of_labels = mien::train::recipe("paper");
  of_labels.spec = mien::model::ModelSpec::from_text("input 1 48 48 | conv 2 5 stride 4 | relu | dense 7");
  Trainer labelled = make_trainer(of_labels);
  CHECK(refusal(next, labelled.snapshot()) == "paper: does not find faces");
  CHECK(refusal(labelled, model) == "other: finds faces");
}

TEST_CASE("options that make no sense where faces are to be found are refused") {
  const auto refusal = [](auto change) {
    TrainOptions options = narrow_options();
    change(options);
    return error_of<mien::ArgumentError>(
        [&] { mien::train::face_task(options, photos(), photos().indices(Split::training)); });
  };
  CHECK(refusal([](auto&) {}) == "no error");
  const std::string loss =
      "[face task] the loss is the one of faces: no l2svm, class weights or label smoothing";
  const std::string prepared =
      "[face task] photos are of any size: per_image none and per_pixel off are needed";
  const std::string placed = "[face task] faces are placed and sized anew each time";
  const std::string mixed = "[face task] no mixup or cutmix: faces have no labels to be mixed";
  CHECK(refusal([](auto& o) { o.loss_kind = mien::train::LossKind::l2svm; }) == loss);
  CHECK(refusal([](auto& o) { o.class_weights = mien::train::ClassWeights::balanced; }) == loss);
  CHECK(refusal([](auto& o) { o.loss.label_smoothing = 0.1f; }) == loss);
  CHECK(refusal([](auto& o) { o.per_pixel = true; }) == prepared);
  CHECK(refusal([](auto& o) { o.per_image = mien::image::PerImage::center; }) == prepared);
  CHECK(refusal([](auto& o) { o.augmentation.shift = 0.1f; }) == placed);
  CHECK(refusal([](auto& o) { o.augmentation.scale = 0.1f; }) == placed);
  CHECK(refusal([](auto& o) { o.augmentation.crop = 0.1f; }) == placed);
  CHECK(refusal([](auto& o) { o.mix.mixup = 0.2f; }) == mixed);
  CHECK(refusal([](auto& o) { o.mix.cutmix = 1; }) == mixed);
  CHECK(refusal([](auto& o) {
          o.distillation.teachers.push_back({"a", "b"});
        }) == "[face task] no teachers: they tell labels apart");
  CHECK(refusal([](auto& o) { o.spec = mien::model::preset("small"); }) ==
        "[face task] the network: expected the outputs score, box and points, the network has 1");
  const TrainOptions options = narrow_options();
  CHECK(error_of<mien::ArgumentError>([&] { mien::train::face_task(options, photos(), {}); }) ==
        "[face task] no photos to learn from");
}

TEST_CASE("weights that give nothing finite end a run that finds faces, or measure as nothing") {
  const auto rows = photos().indices(Split::public_test);
  for (const bool guard : {true, false}) {
    TrainOptions options = narrow_options();
    options.guard = guard;
    options.average = 0;
    Trainer trainer = planned_trainer(2, options);
    for (auto* parameter : trainer.parameters()) {
      if (parameter->value.shape() == mien::Shape{1})
        parameter->value.fill(std::numeric_limits<float>::quiet_NaN());
    }
    if (guard) {
      CHECK_THROWS_AS(trainer.evaluate(rows), mien::DivergedError);
    } else {
      const mien::train::Measurement measured = trainer.evaluate(rows);
      CHECK(std::isnan(measured.loss));
      CHECK(measured.accuracy == 0);
    }
  }
}
