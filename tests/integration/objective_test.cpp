// What training makes small: weighted classes, mixed images, teachers, and numbers that are let go.
#include "train/objective.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/data/batch.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/checkpoint.hpp"
#include "mien/train/metrics.hpp"
#include "mien/train/run_folder.hpp"
#include "mien/train/teachers.hpp"
#include "support/catch.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_count_guard.hpp"
#include "train/kept_answers.hpp"

using mien::Index;
using mien::Tensor;
using mien::data::Split;
using namespace mien::train;

using namespace mien::test;

namespace {

// Without dropout and batch normalization: what it gives in training is what it gives in a session.
TrainOptions plain_options() {
  TrainOptions options = recipe("paper");
  options.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 6 5 same stride 3 | relu | maxpool 3 2 same | dense 24 | relu | dense 7");
  options.batch = 16;
  options.schedule.base = 1e-3f;
  return options;
}

// A model of `options` after so many steps, in a file.
FileIdentity teacher(const std::filesystem::path& path, const TrainOptions& options, int steps) {
  Trainer trainer = make_trainer(options);
  for (int i = 0; i < steps; ++i) trainer.step();
  mien::model::write_model(path, trainer.snapshot());
  return identify_file(path.string());
}

class Silent : public RunObserver {
 public:
  void on_step(const Trainer&, const StepResult&) override {}
  void on_evaluation(Trainer&, const RunState&, bool is_best) override { best.push_back(is_best); }
  void on_checkpoint(Trainer&, const RunState&) override {}
  bool stop_requested() override { return false; }
  std::vector<bool> best;
};

}  // namespace

TEST_CASE("balanced classes weigh the same together, and rows 1 on average") {
  std::vector<std::uint32_t> rows;
  std::vector<int> left = {10, 0, 4, 2, 1, 0, 3};
  for (const std::uint32_t row : faces().indices(Split::training)) {
    if (left[faces().labels[row]]-- > 0) rows.push_back(row);
  }
  REQUIRE(rows.size() == 20);
  TrainOptions options = plain_options();
  CHECK(class_weights(options, faces(), rows, 7).empty());
  options.class_weights = ClassWeights::balanced;
  const std::vector<float> expected = {0.4f, 1, 1, 2, 4, 1, 4.0f / 3};
  const std::vector<float> weights = class_weights(options, faces(), rows, 7);
  REQUIRE(weights.size() == 7);
  for (std::size_t c = 0; c < 7; ++c) CHECK(weights[c] == Approx(expected[c]));

  options.batch = 20;
  TrainOptions even = options;
  even.class_weights = ClassWeights::none;
  const double weighed = Trainer(options, faces(), rows, labels()).step().loss;
  CHECK(weighed != Approx(Trainer(even, faces(), rows, labels()).step().loss));
  // Where all rows are of one class it does not matter what that class weighs.
  std::erase_if(rows, [](std::uint32_t row) { return faces().labels[row] != 0; });
  const double single = Trainer(options, faces(), rows, labels()).step().loss;
  CHECK(single == Approx(Trainer(even, faces(), rows, labels()).step().loss));
}

TEST_CASE("classes that weigh nothing are not learned") {
  const Tensor logits(mien::Shape{2, 7});
  const std::vector<std::uint8_t> names = {0, 1};
  const std::vector<float> weights = {1, 0, 1, 1, 1, 1, 1};
  mien::autograd::Tape tape;
  const auto x = tape.input(logits);
  tape.backward(objective(plain_options(), x, mien::autograd::one_hot(names, 7), weights, {}));
  const Tensor gradient = tape.gradient(x).materialize();
  CHECK(gradient.data()[0] != 0.0f);
  for (Index c = 7; c < 14; ++c) CHECK(gradient.data()[c] == 0.0f);
}

TEST_CASE("a guess is right when it is the label with the larger share") {
  const auto rows = [](const std::vector<float>& values) { return Tensor::from({3, 2}, values); };
  CHECK(count_correct(rows({1, 0, 0, 1, 0, 1}), rows({0.6f, 0.4f, 0.6f, 0.4f, 0, 1})) == 2);
  // NaN is class 0.
  const float nan = std::nanf("");
  CHECK(count_correct(rows({nan, nan, nan, nan, nan, nan}), rows({1, 0, 0, 1, 1, 0})) == 2);
}

TEST_CASE("the squared hinge loss memorizes forty faces") {
  TrainOptions options = plain_options();
  options.loss_kind = LossKind::l2svm;
  options.batch = 20;
  std::vector<std::uint32_t> rows = faces().indices(Split::training);
  rows.resize(40);
  Trainer trainer(options, faces(), rows, labels());
  for (int i = 0; i < 200; ++i) trainer.step();
  CHECK(trainer.evaluate(rows).accuracy == 1.0);
}

TEST_CASE("mixed and taught steps are cut and go on without a trace, with one thread and with two") {
  const ThreadCountGuard guard;
  const mien::test::TemporaryFolder folder;
  TrainOptions options = plain_options();
  options.distillation.teachers = {teacher(folder / "t.safetensors", plain_options(), 5)};
  options.mix = {.mixup = 0.5f, .cutmix = 1, .until = 0.75f};
  options.schedule.total_steps = 20;
  options.class_weights = ClassWeights::balanced;
  options.loss.label_smoothing = 0.1f;
  std::vector<float> reference;
  for (const int threads : {1, 2}) {
    mien::set_thread_count(threads);
    Trainer whole = make_trainer(options);
    for (int i = 0; i < 20; ++i) whole.step();

    Trainer first = make_trainer(options);
    for (int i = 0; i < 9; ++i) first.step();
    write_checkpoint(folder / "c.safetensors", first, {}, {}, identify(faces()));
    const auto file = mien::model::SafetensorsFile::open(folder / "c.safetensors");
    Trainer second = make_trainer(read_checkpoint(file).options);
    restore(second, file);
    for (int i = 9; i < 20; ++i) second.step();
    CHECK(same_bits(parameter_values(whole), parameter_values(second)));
    if (threads == 1) reference = parameter_values(whole);
    CHECK(same_bits(parameter_values(whole), reference));
  }
  // Each of the choices makes a difference.
  for (int choice = 0; choice < 4; ++choice) {
    TrainOptions other = options;
    if (choice == 0) other.mix.mixup = 0;
    if (choice == 1) other.mix.until = 0.7f;
    if (choice == 2) other.distillation.weight = 0.6f;
    if (choice == 3) other.distillation.temperature = 3;
    Trainer trainer = make_trainer(other);
    for (int i = 0; i < 20; ++i) trainer.step();
    CAPTURE(choice);
    CHECK_FALSE(same_bits(parameter_values(trainer), reference));
  }
}

TEST_CASE("what teachers have said of a view counts again, whether or not a run was cut") {
  const mien::test::TemporaryFolder folder;
  TrainOptions options = plain_options();
  options.augmentation = {.mirror = 0.5f, .shift = 0.1f, .noise = 10};
  options.distillation.teachers = {teacher(folder / "t.safetensors", plain_options(), 5)};
  options.distillation.views = 2;
  options.batch = GENERATE(4, 16);
  const std::uint64_t epoch = make_trainer(options).steps_per_epoch(), steps = 4 * epoch;
  Trainer whole = make_trainer(options);
  for (std::uint64_t i = 0; i < steps; ++i) whole.step();

  // Teachers are asked in another epoch than at first, and about other batches.
  Trainer first = make_trainer(options);
  for (std::uint64_t i = 0; i < 2 * epoch + 1; ++i) first.step();
  write_checkpoint(folder / "c.safetensors", first, {}, {}, identify(faces()));
  const auto file = mien::model::SafetensorsFile::open(folder / "c.safetensors");
  Trainer second = make_trainer(read_checkpoint(file).options);
  restore(second, file);
  for (std::uint64_t i = 2 * epoch + 1; i < steps; ++i) second.step();
  CHECK(same_bits(parameter_values(whole), parameter_values(second)));

  TrainOptions other = options;
  other.distillation.views = 3;
  Trainer another = make_trainer(other);
  for (std::uint64_t i = 0; i < steps; ++i) another.step();
  CHECK_FALSE(same_bits(parameter_values(whole), parameter_values(another)));
  other.mix.mixup = 0.2f;
  CHECK_THROWS_WITH(
      make_trainer(other),
      "[train] --teacher-views does not go with --mixup and --cutmix: mixed images do not come again");
}

TEST_CASE("answers are known for the view they were given about") {
  KeptAnswers answers(5, 2);
  const std::vector<std::uint32_t> some = {3, 1}, more = {1, 4, 3};
  CHECK(answers.unknown(7, some) == std::vector<std::size_t>{0, 1});
  const float first[] = {1, 2}, second[] = {3, 4};
  answers.keep(7, 3, first);
  answers.keep(7, 1, second);
  CHECK(answers.unknown(7, some).empty());
  CHECK(answers.unknown(0, some).size() == 2);
  CHECK(answers.unknown(7, more) == std::vector<std::size_t>{1});
  const Tensor found = answers.find(7, some);
  REQUIRE(found.shape() == mien::Shape{2, 2});
  CHECK(std::vector<float>(found.values().begin(), found.values().end()) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE(
    "a student that is its own teacher loses only the rest of the hard loss, whatever becomes of images") {
  const mien::test::TemporaryFolder folder;
  TrainOptions other = plain_options();
  other.seed = 1;
  const FileIdentity same = teacher(folder / "same.safetensors", plain_options(), 0);
  const FileIdentity another = teacher(folder / "other.safetensors", other, 20);
  TrainOptions summed = plain_options(), augmented = plain_options(), blended = plain_options();
  summed.loss.reduction = mien::autograd::CrossEntropyOptions::Reduction::sum;
  augmented.augmentation = {.mirror = 0.5f, .shift = 0.1f, .rotate = 20, .contrast = 0.3f};
  augmented.mix.cutmix = 1;
  blended.mix.mixup = 1;
  for (const TrainOptions& options : {plain_options(), summed, augmented, blended}) {
    const double alone = make_trainer(options).step().loss;
    TrainOptions taught = options;
    taught.distillation.teachers = {same};
    CHECK(make_trainer(taught).step().loss == Approx(0.3 * alone).epsilon(1e-3));
    taught.distillation.teachers.push_back(another);
    CHECK(make_trainer(taught).step().loss > 0.3 * alone + 1e-3);
  }
}

TEST_CASE("teachers see pixels in their own way, and their probabilities are averaged") {
  const mien::test::TemporaryFolder folder;
  TrainOptions other = plain_options();
  other.per_image = mien::image::PerImage::center;
  other.input_scale = 0.02f;
  other.per_pixel = false;
  other.seed = 3;
  const std::vector<FileIdentity> files = {teacher(folder / "a.safetensors", plain_options(), 20),
                                           teacher(folder / "b.safetensors", other, 20)};
  Teachers teachers(files, {1, 48, 48}, labels(), 16);
  std::vector<std::uint32_t> rows = faces().indices(Split::public_test);
  rows.resize(11);  // fewer than there could be
  std::vector<double> expected(11 * 7);
  mien::data::Batch batch;
  for (const FileIdentity& file : files) {
    const mien::model::ModelFile model = mien::model::read_model(std::filesystem::path(file.path));
    mien::infer::Session session(model, 16);
    batch = mien::data::prepare(faces(), rows, model.normalization);
    std::vector<float> p(expected.size());
    session.predict(p.data(), batch.images.data(), 11);
    for (std::size_t i = 0; i < p.size(); ++i) expected[i] += double{p[i]} / 2;
  }
  const Tensor mean = teachers.probabilities(batch.pixels, {}, 1);
  REQUIRE(mean.shape() == mien::Shape{11, 7});
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(double{mean.values()[i]} == Approx(expected[i]).margin(1e-5));
  }
  const Tensor soft = teachers.probabilities(batch.pixels, {}, 1000);
  for (const float p : soft.values()) CHECK(p == Approx(1.0 / 7).epsilon(0.05));
}

TEST_CASE("teachers that do not fit are refused by name") {
  const mien::test::TemporaryFolder folder;
  const std::string path = (folder / "t.safetensors").string();
  const FileIdentity file = teacher(folder / "t.safetensors", plain_options(), 0);
  CHECK(std::filesystem::path(file.path).is_absolute());
  const auto open = [&](const FileIdentity& f, const mien::Shape& input,
                        const std::vector<std::string>& names) {
    Teachers(std::vector<FileIdentity>{f}, input, names, 4);
  };
  CHECK_NOTHROW(open(file, {1, 48, 48}, labels()));
  CHECK_THROWS_WITH(open(file, {1, 47, 48}, labels()),
                    "[teacher] " + path + " takes 1x48x48 images, the data are 1x47x48");
  std::vector<std::string> swapped = labels();
  std::swap(swapped[0], swapped[6]);
  CHECK_THROWS_WITH(open(file, {1, 48, 48}, swapped), "[teacher] " + path + " has other labels than the data");
  teacher(folder / "t.safetensors", plain_options(), 1);
  CHECK_THROWS_WITH(open(file, {1, 48, 48}, labels()), path + ": not the teacher this run began with");
  CHECK_THROWS_AS(identify_file((folder / "none.safetensors").string()), mien::DataError);
}

TEST_CASE("choices that exclude each other and numbers out of range are refused before the first step") {
  TrainOptions literal = recipe("literal");
  literal.loss_kind = LossKind::l2svm;
  CHECK_THROWS_WITH(check_objective(literal),
                    "[train] the literal recipe's form of the loss is one of softmax, there is none of l2svm");
  TrainOptions options = plain_options();
  options.mix.cutmix = -1;
  CHECK_THROWS_AS(make_trainer(options), mien::ArgumentError);
  options.mix = {.cutmix = 1, .until = 0.5f};
  CHECK_THROWS_WITH(make_trainer(options).step(), "[mix] to stop before the end needs to know where that is");
  options.schedule.total_steps = 10;
  CHECK_NOTHROW(make_trainer(options).step());
  options = plain_options();
  options.distillation.teachers.push_back({});
  CHECK_NOTHROW(check_objective(options));
  options.distillation.weight = 1.5f;
  CHECK_THROWS_AS(check_objective(options), mien::ArgumentError);
  options.distillation.weight = 1;
  options.distillation.temperature = 0;
  CHECK_THROWS_AS(check_objective(options), mien::ArgumentError);
}

TEST_CASE("the literal recipe's stable twin differs by its loss alone") {
  TrainOptions literal = recipe("literal");
  CHECK(literal.loss.form == mien::autograd::CrossEntropyOptions::Form::naive);
  literal.loss.form = mien::autograd::CrossEntropyOptions::Form::fused;
  CHECK(to_json(recipe("literal-stable")) == to_json(literal));
}

TEST_CASE("options of the objective go through JSON, and files from before there were any still read") {
  TrainOptions options = plain_options();
  options.loss_kind = LossKind::l2svm;
  options.class_weights = ClassWeights::balanced;
  options.mix = {.mixup = 0.2f, .cutmix = 1.5f, .until = 0.9f};
  options.distillation = {.teachers = {{"/a", "00"}, {"/b", "11"}}, .weight = 0.25f, .temperature = 2};
  options.guard = false;
  const TrainOptions read = train_options_from_json(to_json(options), "file");
  CHECK(to_json(read) == to_json(options));
  CHECK(read.loss_kind == LossKind::l2svm);
  CHECK(read.mix == options.mix);
  CHECK(read.distillation.teachers[1].sha256 == "11");
  CHECK_FALSE(read.guard);

  const std::set<std::string> added = {"loss", "class_weights", "mix", "distillation", "guard"};
  mien::Json old;
  std::size_t left_out = 0;
  const mien::Json json = to_json(options);
  for (const auto& member : json.as_object()) {
    if (added.contains(member.key)) {
      ++left_out;
    } else {
      old.set(member.key, member.value);
    }
  }
  CHECK(left_out == added.size());
  CHECK(to_json(train_options_from_json(old, "file")) == to_json(plain_options()));
}

TEST_CASE("without a guard a bad number goes through, and is reported as what it is") {
  TrainOptions options = plain_options();
  options.guard = false;
  Trainer trainer = make_trainer(options);
  trainer.step();
  CHECK(trainer.fault().empty());
  trainer.parameters().back()->value.fill(std::nanf(""));  // a bias of the last layer
  CHECK_FALSE(trainer.fault().empty());
  const StepResult result = trainer.step();
  CHECK(std::isnan(result.loss));
  CHECK(trainer.steps_done() == 2);
  for (const auto* p : trainer.parameters()) {
    INFO(p->name);
    CHECK(std::isnan(p->value.data()[0]));
  }
  const std::vector<std::uint32_t> rows = faces().indices(Split::public_test);
  const auto evaluation = trainer.evaluate(rows);
  CHECK(std::isnan(evaluation.loss));
  // NaN everywhere is taken for the first class.
  const auto first = std::count_if(rows.begin(), rows.end(), [](auto row) { return faces().labels[row] == 0; });
  CHECK(evaluation.accuracy == static_cast<double>(first) / static_cast<double>(rows.size()));
}

TEST_CASE("no evaluation of a network that gives nothing finite is the best") {
  TrainOptions options = plain_options();
  options.guard = false;
  const std::vector<std::uint32_t> rows = faces().indices(Split::public_test);
  for (const bool validated : {true, false}) {
    Trainer trainer = make_trainer(options);
    RunState state;
    Silent observer;
    const std::span<const std::uint32_t> measured(rows.data(), validated ? rows.size() : 0);
    run(trainer, state, measured, {.steps = 1, .eval_every = 1}, observer);
    trainer.parameters().back()->value.fill(std::nanf(""));
    state.best_accuracy = -1;  // any accuracy would be a gain
    run(trainer, state, measured, {.steps = 3, .eval_every = 1}, observer);
    CHECK(observer.best == std::vector<bool>{true, false, false});
    CHECK(state.best_step == 1);
    CHECK(std::isnan(state.history.back().train_loss));
    CHECK(state.history.back().train_accuracy >= 0.0);
    CHECK(std::isnan(state.history.back().validation_loss));
    CHECK((state.history.back().validation_accuracy >= 0.0) == validated);
  }
}

TEST_CASE("of equally accurate evaluations that with the least loss is the best") {
  const std::vector<std::uint32_t> rows = faces().indices(Split::training);
  Trainer trainer = make_trainer(plain_options());
  RunState state;
  Silent observer;
  run(trainer, state, std::span(rows).first(2), {.steps = 60, .eval_every = 1}, observer);
  const MetricRow* const best = best_row(state.history);
  CHECK(state.best_step == best->step);
  CHECK(std::count_if(state.history.begin(), state.history.end(), [&](const MetricRow& other) {
          return other.step < best->step && other.validation_accuracy == best->validation_accuracy;
        }) > 0);
}

TEST_CASE("metrics.csv tells a loss that is NaN from one that was not measured") {
  const double nan = -MetricRow::kNone, inf = HUGE_VAL;  // the sign is not shown
  const std::string text = metrics_csv({{.step = 1, .epoch = 1, .train_loss = nan, .train_accuracy = 0.5},
                                        {.step = 2,
                                         .epoch = 2,
                                         .train_loss = inf,
                                         .train_accuracy = 0.5,
                                         .validation_loss = nan,
                                         .validation_accuracy = 0.25}});
  CHECK(text.substr(text.find('\n') + 1) == "1,1,nan,0.5,,,0,,0\r\n2,2,inf,0.5,nan,0.25,0,,0\r\n");
}

TEST_CASE("a sum of losses that is not finite does not keep a checkpoint from being written") {
  const mien::test::TemporaryFolder folder;
  Trainer trainer = make_trainer(plain_options());
  RunState state;
  state.loss_sum = HUGE_VAL;
  state.history.push_back({.step = 1, .train_loss = HUGE_VAL, .train_accuracy = 0.5});
  write_checkpoint(folder / "c.safetensors", trainer, state, {}, identify(faces()));
  const auto read = read_checkpoint(mien::model::SafetensorsFile::open(folder / "c.safetensors"));
  CHECK_FALSE(std::isfinite(read.state.loss_sum));
  CHECK_FALSE(std::isfinite(read.state.history[0].train_loss));
}
