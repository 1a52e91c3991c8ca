// How long a run is, which rows it learns from, and what may be another when it goes on.
#include "mien/core/error.hpp"
#include "mien/train/limits.hpp"
#include "mien/train/resume.hpp"
#include "mien/train/rows.hpp"
#include "support/catch.hpp"

using mien::data::Dataset;
using mien::data::Split;
using mien::optim::ScheduleKind;
using namespace mien::train;

namespace {

// One image of one pixel each of all classes, for training, and one PublicTest image, which is that of class 3.
Dataset tiny() {
  Dataset dataset;
  dataset.height = dataset.width = 1;
  dataset.source = "tiny.csv";
  for (std::uint8_t label = 0; label < mien::data::kClassCount; ++label) {
    dataset.pixels.push_back(label);
    dataset.labels.push_back(label);
    dataset.splits.push_back(Split::training);
  }
  dataset.pixels.push_back(3);
  dataset.labels.push_back(3);
  dataset.splits.push_back(Split::public_test);
  return dataset;
}

TrainOptions with_schedule(ScheduleKind kind, std::uint64_t warmup, bool shrinks) {
  TrainOptions options;
  options.schedule.kind = kind;
  options.schedule.warmup_steps = warmup;
  options.schedule.warmup_shrinks = shrinks;
  return options;
}

}  // namespace

TEST_CASE("a run nobody asks anything of is ten epochs, and steps or epochs alone are just that") {
  CHECK(begun_limits({}, ScheduleKind::constant).epochs == 10);
  CHECK(begun_limits({}, ScheduleKind::constant).steps == 0);
  CHECK(begun_limits({.steps = 7}, ScheduleKind::constant).last_step(4) == 7);
  CHECK(begun_limits({.epochs = 3}, ScheduleKind::constant).last_step(4) == 12);
  CHECK(begun_limits({.steps = 7, .epochs = 1}, ScheduleKind::constant).last_step(4) == 4);
  CHECK_THROWS_AS(begun_limits({.epochs = 0}, ScheduleKind::constant).last_step(4), mien::ArgumentError);
  const RunLimits rest = begun_limits({.seconds = 2, .patience = 3, .eval_every = 4}, ScheduleKind::constant);
  CHECK(rest.seconds == 2);
  CHECK(rest.patience == 3);
  CHECK(rest.eval_every == 4);
}

TEST_CASE("a time alone is filled where the schedule comes down with the run, and only there") {
  CHECK(begun_limits({.seconds = 60}, ScheduleKind::cosine).fit_seconds);
  CHECK(begun_limits({.seconds = 60}, ScheduleKind::cosine).epochs == 0);
  CHECK_FALSE(begun_limits({.seconds = 0}, ScheduleKind::cosine).fit_seconds);
  CHECK_FALSE(begun_limits({.epochs = 2, .seconds = 60}, ScheduleKind::cosine).fit_seconds);
  CHECK_FALSE(begun_limits({.seconds = 60}, ScheduleKind::plateau).fit_seconds);
  CHECK(begun_limits({.seconds = 60}, ScheduleKind::plateau).epochs == 10);
}

TEST_CASE("a run that goes on keeps its limits but for those asked for, and its time was that sitting's") {
  const RunLimits saved{.steps = 100, .epochs = 5, .seconds = 60, .patience = 2, .eval_every = 10};
  const RunLimits same = resumed_limits({}, saved);
  CHECK(same.steps == 100);
  CHECK(same.epochs == 5);
  CHECK(same.seconds == 0);
  CHECK(same.patience == 2);
  CHECK(same.eval_every == 10);
  const RunLimits longer = resumed_limits({.steps = 200, .seconds = 30, .patience = 0}, saved);
  CHECK(longer.steps == 200);
  CHECK(longer.epochs == 0);  // another end takes the place of any
  CHECK(longer.seconds == 30);
  CHECK(longer.patience == 0);
  CHECK(resumed_limits({.epochs = 9}, saved).steps == 0);
  const RunLimits fitted{.seconds = 60, .fit_seconds = true};
  CHECK(resumed_limits({.seconds = 5}, fitted).fit_seconds);
  CHECK_FALSE(resumed_limits({.steps = 5}, fitted).fit_seconds);
}

TEST_CASE("what a schedule leaves open follows from the run's length, once") {
  const RunLimits limits{.epochs = 3};  // of 40 steps
  TrainOptions cosine = with_schedule(ScheduleKind::cosine, 400, true);
  resolve_schedule(cosine, limits, 40);
  CHECK(cosine.schedule.total_steps == 120);
  CHECK(cosine.schedule.warmup_steps == 12);
  CHECK_FALSE(cosine.schedule.warmup_shrinks);
  const mien::optim::ScheduleOptions before = cosine.schedule;
  resolve_schedule(cosine, {.epochs = 30}, 40);
  CHECK(cosine.schedule == before);

  TrainOptions given = with_schedule(ScheduleKind::cosine, 50, false);
  resolve_schedule(given, limits, 40);
  CHECK(given.schedule.warmup_steps == 50);

  TrainOptions constant = with_schedule(ScheduleKind::constant, 400, true);
  resolve_schedule(constant, limits, 40);
  CHECK(constant.schedule.warmup_steps == 12);
  CHECK(constant.schedule.total_steps == 0);
  constant.mix.until = 0.5f;
  resolve_schedule(constant, limits, 40);
  CHECK(constant.schedule.total_steps == 120);

  TrainOptions drops = with_schedule(ScheduleKind::step, 0, false);
  resolve_schedule(drops, limits, 40);
  CHECK(drops.schedule.steps_per_drop == 40);  // a third
  drops.schedule.steps_per_drop = 7;
  resolve_schedule(drops, limits, 40);
  CHECK(drops.schedule.steps_per_drop == 7);
  TrainOptions brief = with_schedule(ScheduleKind::step, 0, false);
  resolve_schedule(brief, {.steps = 2}, 40);
  CHECK(brief.schedule.steps_per_drop == 1);

  CHECK_THROWS_AS(resolve_schedule(brief, {}, 40), mien::ArgumentError);
}

TEST_CASE("a run that is to fit a time is as long as can be until it is planned, and warms up by its plan") {
  TrainOptions options = with_schedule(ScheduleKind::cosine, 400, true);
  resolve_schedule(options, {.seconds = 60, .fit_seconds = true}, 40);
  CHECK(options.schedule.total_steps == RunLimits::kUnplanned);
  CHECK(options.schedule.warmup_steps == 400);
  CHECK(options.schedule.warmup_shrinks);
}

TEST_CASE("a run learns from the Training rows, without leaks if asked, and of every class unless allowed") {
  const Dataset all = tiny();
  CHECK(training_rows(all) == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6});
  CHECK_THROWS_WITH(training_rows(all, {.drop_leaks = true}),
                    "tiny.csv: no Training rows of class 3 (happy); --allow-absent-classes trains without it");
  CHECK(training_rows(all, {.drop_leaks = true, .allow_absent_classes = true}) ==
        std::vector<std::uint32_t>{0, 1, 2, 4, 5, 6});
  Dataset none = all;
  std::fill(none.splits.begin(), none.splits.end(), Split::private_test);
  CHECK_THROWS_WITH(training_rows(none, {.allow_absent_classes = true}), "tiny.csv: no Training rows");
}

TEST_CASE("what waits for gains needs rows that show them") {
  Dataset dataset = tiny();
  CHECK_NOTHROW(check_validation(dataset, 2, ScheduleKind::plateau));
  dataset.splits.back() = Split::private_test;
  CHECK_NOTHROW(check_validation(dataset, 0, ScheduleKind::cosine));
  CHECK_THROWS_WITH(check_validation(dataset, 2, ScheduleKind::cosine),
                    "--patience requires PublicTest rows, and tiny.csv has none");
  CHECK_THROWS_WITH(check_validation(dataset, 0, ScheduleKind::plateau),
                    "--schedule plateau requires PublicTest rows, and tiny.csv has none");
}

TEST_CASE("a run goes on with teachers where they lie now, and with no others") {
  Checkpoint saved;
  saved.limits.epochs = 1;
  saved.options.distillation.teachers = {{.path = "a", .sha256 = "1"}, {.path = "b", .sha256 = "2"}};
  const Checkpoint moved = resumed(saved, {.teachers = {{.path = "c", .sha256 = "2"}}}, "run");
  CHECK(moved.options.distillation.teachers[0].path == "a");
  CHECK(moved.options.distillation.teachers[1].path == "c");
  CHECK_THROWS_WITH(resumed(saved, {.teachers = {{.path = "c", .sha256 = "3"}}}, "run"),
                    "--teacher c: not a teacher of the run being resumed");
}

TEST_CASE("a run that its patience has ended waits anew where its end is moved") {
  Checkpoint saved;
  saved.limits = {.epochs = 5, .patience = 2};
  saved.state.evaluations_without_gain = 2;
  const auto waited = [&](const AskedLimits& asked) {
    return resumed(saved, {.limits = asked}, "run").state.evaluations_without_gain;
  };
  CHECK(waited({}) == 2);
  CHECK(waited({.epochs = 9}) == 0);
  CHECK(waited({.steps = 9}) == 0);
  CHECK(waited({.steps = 9, .patience = 3}) == 2);  // it is not over yet
}

TEST_CASE("a run stopped before it had planned how long it is needs a time or an end") {
  Checkpoint saved;
  saved.limits = {.seconds = 60, .fit_seconds = true};
  CHECK_THROWS_WITH(
      resumed(saved, {}, "run"),
      "run: stopped before it had planned how many steps fit its --time-limit; give that again, or "
      "--steps or --epochs");
  CHECK_NOTHROW(resumed(saved, {.limits = {.seconds = 5}}, "run"));
  CHECK_NOTHROW(resumed(saved, {.limits = {.steps = 5}}, "run"));
  saved.state.planned_steps = 100;
  CHECK_NOTHROW(resumed(saved, {}, "run"));
}

TEST_CASE("a run goes on with the data it began with, wherever they lie") {
  Dataset dataset = tiny();
  DataIdentity saved = identify(dataset);
  saved.drop_leaks = true;
  saved.classes = {"neutral"};
  dataset.source = "/moved.csv";
  const DataIdentity now = same_data(saved, dataset);
  CHECK(now.path == "/moved.csv");
  CHECK(now.drop_leaks);
  CHECK(now.classes == saved.classes);
  CHECK(training_rows(dataset, resumed_rows(now)).size() == 6);  // an absent class was allowed, too
  dataset.labels[0] = 1;
  CHECK_THROWS_WITH(same_data(saved, dataset),
                    "/moved.csv: not the data this run was trained on; a resumed run needs the same rows");
}
