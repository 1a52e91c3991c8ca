#include <algorithm>
#include <cmath>
#include <limits>

#include "mien/core/error.hpp"
#include "mien/core/json.hpp"
#include "mien/data/audit.hpp"
#include "mien/eval/confusion.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/eval/report.hpp"
#include "support/catch.hpp"

using mien::data::Dataset;
using mien::data::Split;
using mien::eval::Confusion;
using mien::eval::Evaluation;

namespace {

bool near(double a, double b, double tolerance = 1e-5) {
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

/// a: 3 right, 1 taken for b. b: 1 right, 1 taken for a. c: never seen. d: seen once, never predicted.
Confusion example() {
  Confusion m({"a", "b", "c", "d"});
  for (int i = 0; i < 3; ++i) m.add(0, 0);
  m.add(0, 1);
  m.add(1, 1);
  m.add(1, 0);
  m.add(3, 0);
  return m;
}

/// Images of one pixel.
void add(Dataset& dataset, Split split, std::uint8_t label, std::uint8_t pixel) {
  dataset.height = 1;
  dataset.width = 1;
  dataset.pixels.push_back(pixel);
  dataset.labels.push_back(label);
  dataset.splits.push_back(split);
}

/// Two Training rows; of 100 PublicTest rows every fourth is a copy of one of them.
Dataset with_copies() {
  Dataset dataset;
  add(dataset, Split::training, 0, 10);
  add(dataset, Split::training, 1, 20);
  for (int i = 0; i < 100; ++i) {
    add(dataset, Split::public_test, i % 3 == 0 ? 1 : 0, static_cast<std::uint8_t>(i % 4 == 0 ? 10 : 100 + i));
  }
  return dataset;
}

/// Says class 0 of every row with this probability.
Evaluation evaluate_at(const Dataset& dataset, std::span<const std::uint32_t> rows, float p) {
  return mien::eval::evaluate(dataset, rows, {"a", "b"}, [p](float* out, std::span<const std::uint32_t> some) {
    REQUIRE(some.size() <= 64);
    for (std::size_t i = 0; i < some.size(); ++i) {
      out[2 * i] = p;
      out[2 * i + 1] = 1 - p;
    }
  });
}

}  // namespace

TEST_CASE("counts are kept by actual and predicted class") {
  const Confusion m = example();
  REQUIRE(m.total() == 7);
  REQUIRE(m.correct() == 4);
  REQUIRE(m.count(0, 1) == 1);
  REQUIRE(m.count(3, 0) == 1);
  REQUIRE(m.row_total(0) == 4);
  REQUIRE(m.column_total(0) == 5);
}

TEST_CASE("measures follow their definitions") {
  const Confusion m = example();
  REQUIRE(near(m.accuracy(), 4.0 / 7));
  REQUIRE(near(m.precision(0).value(), 3.0 / 5));
  REQUIRE(near(m.recall(0).value(), 3.0 / 4));
  REQUIRE(near(m.f1(0).value(), 2.0 * 3 / 9));
  REQUIRE_FALSE(m.precision(3));  // never predicted
  REQUIRE(m.recall(3) == 0.0);
  REQUIRE(m.f1(3) == 0.0);
  REQUIRE_FALSE(m.recall(2));  // no examples
  REQUIRE_FALSE(m.f1(2));
  REQUIRE(near(m.macro_recall(), (3.0 / 4 + 1.0 / 2 + 0) / 3));
  REQUIRE(near(m.macro_f1(), (2.0 / 3 + 0.5 + 0) / 3));  // without c
  REQUIRE(near(m.accuracy_standard_error(), std::sqrt(4.0 / 7 * 3.0 / 7 / 7)));
  REQUIRE(Confusion({"a"}).accuracy() == 0);
  REQUIRE(Confusion({"a"}).accuracy_standard_error() == 0);
  REQUIRE(Confusion({"a"}).macro_f1() == 0);
  REQUIRE(Confusion({"a"}).macro_recall() == 0);
}

TEST_CASE("a class without rows does not count in the means, even where it is predicted") {
  Confusion m({"a", "b", "c"});
  m.add(0, 0);
  m.add(1, 1);
  m.add(1, 2);
  REQUIRE(m.precision(2) == 0.0);
  REQUIRE_FALSE(m.f1(2));
  REQUIRE(near(m.macro_f1(), (1 + 2.0 / 3) / 2));
  REQUIRE(near(m.macro_recall(), 0.75));
}

TEST_CASE("a confusion matrix refuses unknown classes") {
  Confusion m({"a", "b"});
  REQUIRE_THROWS_AS(m.add(2, 0), mien::ArgumentError);
  REQUIRE_THROWS_AS(m.add(0, -1), mien::ArgumentError);
  REQUIRE_THROWS_AS(Confusion({}), mien::ArgumentError);
  REQUIRE_THROWS_AS(Confusion({"a", "b", "a"}), mien::ArgumentError);
  REQUIRE(m.total() == 0);
}

TEST_CASE("the report holds every number") {
  const mien::Json report =
      mien::parse_json(report_json(example(), {"PrivateTest", "m.safetensors", 1.25}), "report");
  REQUIRE(report.at("schema").as_integer() == 1);
  REQUIRE(report.at("split").as_string() == "PrivateTest");
  REQUIRE(report.at("model").as_string() == "m.safetensors");
  REQUIRE(report.at("images").as_integer() == 7);
  REQUIRE(report.at("correct").as_integer() == 4);
  REQUIRE(report.at("accuracy").as_number() == 4.0 / 7);
  REQUIRE(report.at("loss").as_number() == 1.25);
  REQUIRE(report.at("macro_f1").as_number() == example().macro_f1());
  const mien::Json& a = report.at("classes").as_array().at(0);
  REQUIRE(a.at("name").as_string() == "a");
  REQUIRE(a.at("label").as_integer() == 0);
  REQUIRE(a.at("count").as_integer() == 4);
  REQUIRE(a.at("predicted").as_integer() == 5);
  REQUIRE(a.at("precision").as_number() == 0.6);
  REQUIRE(a.at("recall").as_number() == 0.75);
  REQUIRE(a.at("f1").as_number() == example().f1(0));
  REQUIRE(report.at("macro_recall").as_number() == example().macro_recall());
  const mien::Json& c = report.at("classes").as_array().at(2);
  for (const char* key : {"precision", "recall", "f1"}) REQUIRE(c.at(key).is_null());
  const mien::Json& d = report.at("classes").as_array().at(3);
  REQUIRE(d.at("precision").is_null());
  REQUIRE(d.at("recall").as_number() == 0);
  REQUIRE(d.at("f1").as_number() == 0);
  REQUIRE(report.at("confusion").as_array().at(3).as_array().at(0).as_integer() == 1);
  REQUIRE(report.at("confusion").as_array().size() == 4);
}

TEST_CASE("a report leaves out what is not known") {
  const mien::Json bare = mien::parse_json(report_json(example(), {"all", "", {}}), "report");
  REQUIRE(bare.find("loss") == nullptr);
  REQUIRE(bare.find("model") == nullptr);
  for (const char* key : {"ece", "tta", "without_copies"}) REQUIRE(bare.find(key) == nullptr);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE(mien::parse_json(report_json(example(), {"all", "", nan}), "report").at("loss").is_null());
}

TEST_CASE("an evaluation counts, measures the loss and the calibration, and keeps each row's outcome") {
  const Dataset dataset = with_copies();
  const auto rows = dataset.indices(Split::public_test);
  const Evaluation e = evaluate_at(dataset, rows, 0.75f);
  CHECK(e.confusion.total() == 100);
  CHECK(e.confusion.correct() == 66);
  CHECK(near(e.loss, -0.66 * std::log(0.75) - 0.34 * std::log(0.25)));
  CHECK(near(e.calibration_error, 0.75 - 0.66));
  REQUIRE(e.right.size() == 100);
  CHECK_FALSE(e.right[0]);
  CHECK(e.right[1]);
  CHECK(std::count(e.right.begin(), e.right.end(), true) == 66);
  CHECK_FALSE(e.without_copies.has_value());
  const Evaluation none = evaluate_at(dataset, {}, 0.75f);
  CHECK(none.loss == 0);
  CHECK(none.calibration_error == 0);
}

TEST_CASE("rows that Training holds too can be left out of the accuracy") {
  Dataset dataset = with_copies();
  const auto rows = dataset.indices(Split::public_test);
  const auto subset = mien::eval::without_copies(dataset, rows, evaluate_at(dataset, rows, 0.75f));
  REQUIRE(subset.has_value());
  CHECK(subset->count == 75);
  CHECK(subset->correct == 50);  // of rows 0, 3, .. 99 (class 1) nine are copies, of all rows 25
  CHECK(near(subset->accuracy(), 50.0 / 75));
  // Said of test rows alone, and where there is something to be a copy of and something that is none.
  const std::vector<std::uint32_t> copies = mien::data::copies_of_training(dataset);
  CHECK_FALSE(mien::eval::without_copies(dataset, copies, evaluate_at(dataset, copies, 0.75f)));
  const auto training = dataset.indices(Split::training);
  CHECK_FALSE(mien::eval::without_copies(dataset, training, evaluate_at(dataset, training, 0.75f)));
  CHECK_THROWS_AS(mien::eval::without_copies(dataset, rows, evaluate_at(dataset, training, 0.75f)),
                  mien::ArgumentError);
  std::replace(dataset.splits.begin(), dataset.splits.end(), Split::training, Split::private_test);
  CHECK_FALSE(mien::eval::without_copies(dataset, rows, evaluate_at(dataset, rows, 0.75f)));
}

TEST_CASE("the report and the line for people say what an evaluation holds") {
  const Dataset dataset = with_copies();
  const auto rows = dataset.indices(Split::public_test);
  Evaluation e = evaluate_at(dataset, rows, 0.75f);
  const auto report = [&] {
    return mien::parse_json(mien::eval::report_json(e, "PublicTest", "m", "mirror"), "report");
  };
  CHECK(report().find("without_copies") == nullptr);
  CHECK(mien::eval::summary(e, "PublicTest") ==
        "PublicTest accuracy 66.00 % (66 of 100, +- 4.74), macro-F1 0.3976, ECE 0.0900");
  e.without_copies = mien::eval::without_copies(dataset, rows, e);
  CHECK(report().at("tta").as_string() == "mirror");
  CHECK(near(report().at("standard_error").as_number(), std::sqrt(0.66 * 0.34 / 100)));
  CHECK(near(report().at("ece").as_number(), 0.09));
  CHECK(report().at("loss").as_number() == e.loss);
  CHECK(report().at("without_copies").at("count").as_integer() == 75);
  CHECK(near(report().at("without_copies").at("accuracy").as_number(), 50.0 / 75));
  CHECK(mien::eval::summary(e, "PublicTest").ends_with(", without copies of Training rows 66.67 % of 75"));
  e.calibration_error = std::numeric_limits<double>::quiet_NaN();
  CHECK(report().at("ece").is_null());
  CHECK(mien::parse_json(mien::eval::report_json(e, "PublicTest", "m"), "report").find("tta") == nullptr);
  CHECK(report().find("degraded") == nullptr);
  const std::string degraded = mien::eval::report_json(e, "PublicTest", "m", "", "noise=8");
  CHECK(mien::parse_json(degraded, "report").at("degraded").as_string() == "noise=8");
}

TEST_CASE("the table is CSV that a spreadsheet reads") {
  Confusion m({"a", "b,c", "say \"d\""});
  m.add(0, 0);
  m.add(1, 2);
  REQUIRE(confusion_csv(m) ==
          "actual\\predicted,a,\"b,c\",\"say \"\"d\"\"\"\r\n"
          "a,1,0,0\r\n"
          "\"b,c\",0,0,1\r\n"
          "\"say \"\"d\"\"\",0,0,0\r\n");
}
