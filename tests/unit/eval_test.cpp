#include <algorithm>
#include <cmath>
#include <limits>

#include "mien/core/error.hpp"
#include "mien/core/json.hpp"
#include "mien/eval/confusion.hpp"
#include "mien/eval/report.hpp"
#include "support/catch.hpp"

using mien::eval::Confusion;

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
  REQUIRE(near(m.precision(0), 3.0 / 5));
  REQUIRE(near(m.recall(0), 3.0 / 4));
  REQUIRE(near(m.f1(0), 2.0 * 3 / 9));
  REQUIRE(m.precision(3) == 0);                          // never predicted
  REQUIRE(m.recall(2) == 0);                             // no examples
  REQUIRE(near(m.macro_f1(), (2.0 / 3 + 0.5 + 0) / 3));  // without c
  REQUIRE(Confusion({"a"}).accuracy() == 0);
  REQUIRE(Confusion({"a"}).macro_f1() == 0);
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
  REQUIRE(report.at("confusion").as_array().at(3).as_array().at(0).as_integer() == 1);
  REQUIRE(report.at("confusion").as_array().size() == 4);
}

TEST_CASE("a report leaves out what is not known") {
  const mien::Json bare = mien::parse_json(report_json(example(), {"all", "", {}}), "report");
  REQUIRE(bare.find("loss") == nullptr);
  REQUIRE(bare.find("model") == nullptr);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE(mien::parse_json(report_json(example(), {"all", "", nan}), "report").at("loss").is_null());
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
