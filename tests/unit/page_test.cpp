#include "mien/eval/page.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/eval/plots.hpp"
#include "mien/image/png.hpp"
#include "mien/train/compare.hpp"
#include "mien/train/metrics.hpp"
#include "mien/train/run_page.hpp"
#include "support/catch.hpp"
#include "support/markup.hpp"
#include "support/temporary_folder.hpp"

using namespace mien::eval;
using mien::test::has;
using mien::test::occurrences;
using mien::test::self_contained;
using mien::train::MetricRow;
using mien::train::RunPage;

namespace {

// Three images of 2 x 1 pixels, classes "a" and "b<c": the last is taken for b<c with 0.9, the second for a
// with 0.6.
mien::data::Dataset three_images() {
  mien::data::Dataset dataset;
  dataset.width = 2;
  dataset.height = 1;
  dataset.pixels = {0, 255, 10, 20, 30, 40};
  dataset.labels = {0, 1, 0};
  dataset.splits.assign(3, mien::data::Split::public_test);
  return dataset;
}

Evaluation of_three(const mien::data::Dataset& dataset) {
  const std::vector<std::uint32_t> rows = {0, 1, 2};
  return evaluate(dataset, rows, {"a", "b<c"}, [](float* p, std::span<const std::uint32_t> some) {
    const float first[] = {0.8F, 0.6F, 0.1F};
    for (std::size_t i = 0; i < some.size(); ++i) {
      p[2 * i] = first[some[i]];
      p[2 * i + 1] = 1 - first[some[i]];
    }
  });
}

std::vector<MetricRow> history() {
  MetricRow first{.step = 3, .epoch = 1, .train_loss = 1.5, .train_accuracy = 0.25, .learning_rate = 0.1};
  first.validation_loss = 1.25;
  first.validation_accuracy = 0.5;
  first.seconds = 30;
  MetricRow second = first;
  second.step = 6;
  second.epoch = 2;
  second.train_loss = INFINITY;
  second.validation_accuracy = 0.75;
  second.images_per_second = 1234;
  second.seconds = 90;
  MetricRow third = second;
  third.step = 9;
  third.epoch = 3;
  third.validation_accuracy = 0.75;
  return {first, second, third};
}

}  // namespace

TEST_CASE("bytes in base 64 and counts in groups") {
  CHECK(mien::base64("") == "");
  CHECK(mien::base64("f") == "Zg==");
  CHECK(mien::base64("fo") == "Zm8=");
  CHECK(mien::base64("foobar") == "Zm9vYmFy");
  CHECK(mien::base64("\xff\xfe\x00") == "//4=");
  CHECK(mien::grouped(0) == "0");
  CHECK(mien::grouped(999) == "999");
  CHECK(mien::grouped(1000) == "1,000");
  CHECK(mien::grouped(12345678) == "12,345,678");
}

TEST_CASE("a page asks nothing of anybody and reloads only while it is told to") {
  const std::string page = html_page({.title = "a <b>", .body = "<p>x</p>\n"});
  CHECK(self_contained(page));
  CHECK(has(page, "<title>a &lt;b&gt;</title>"));
  CHECK(has(page, "prefers-color-scheme: dark"));
  CHECK_FALSE(has(page, "http-equiv=\"refresh\""));
  CHECK(has(html_page({.title = "t", .body = "", .reload_seconds = 7}), "\"refresh\" content=\"7\""));
}

TEST_CASE("an evaluation's page shows the surest mistakes first, with their pictures") {
  const mien::data::Dataset dataset = three_images();
  const Evaluation evaluation = of_three(dataset);
  const std::vector<Mistake> mistakes = worst_mistakes(evaluation, 10);
  REQUIRE(mistakes.size() == 2);
  CHECK(mistakes[0].place == 2);
  CHECK(mistakes[0].predicted == 1);
  CHECK(mistakes[0].probability == Approx(0.9).margin(1e-6));
  CHECK(mistakes[1].place == 1);
  CHECK(worst_mistakes(evaluation, 1).size() == 1);

  const std::vector<std::uint32_t> rows = {0, 1, 2};
  const std::string html = mistakes_html(evaluation, dataset, rows);
  CHECK(occurrences(html, "<img ") == 2);
  CHECK(occurrences(html, "src=\"data:image/png;base64,") == 2);
  CHECK(html.find("90\xc2\xa0%, row 2") < html.find("60\xc2\xa0%, row 1"));
  CHECK(has(html, "b&lt;c"));
  CHECK(has(html, "Rows are counted from 0"));

  mien::data::Dataset of_files = dataset;
  of_files.files = {"pets/test/a/1.png", "pets/test/a/2.png", "pets/\"test\"/b<c/3.png"};
  const std::string found = mistakes_html(evaluation, of_files, rows);
  CHECK(has(found, "<span title=\"pets/&quot;test&quot;/b&lt;c/3.png\">b&lt;c/3.png</span>"));
  CHECK_FALSE(has(found, "row 2"));
  const std::string measures = evaluation_html(evaluation);
  CHECK(has(measures, "33.3\xc2\xa0%"));  // one of three is right
  CHECK(has(measures, "class=\"right strong\"") == false);
  CHECK(has(measures, "<svg class=\"chart\""));
  CHECK(self_contained(html_page({.title = "t", .body = measures + html})));
}

TEST_CASE("a picture in color has its planes woven") {
  const std::vector<std::uint8_t> planes = {1, 2, 3, 4, 5, 6};
  const std::string color = picture(2, 1, planes, "a \"b\"");
  CHECK(has(color, "alt=\"a &quot;b&quot;\" width=\"2\" height=\"1\""));
  const std::vector<std::uint8_t> woven = {1, 3, 5, 2, 4, 6};
  CHECK(has(color, mien::base64(mien::image::encode_png(2, 1, 3, woven))));
}

TEST_CASE("of many classes those most often confused are listed") {
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("class" + std::to_string(i));
  Evaluation evaluation{.confusion = Confusion(names)};
  for (int i = 0; i < 3; ++i) evaluation.confusion.add(7, 9);
  evaluation.confusion.add(1, 2);
  const std::string html = evaluation_html(evaluation);
  CHECK_FALSE(has(html, "class=\"confusion\""));
  CHECK(has(html, "<td>class9</td><td>3</td><td>100.0\xc2\xa0%</td>"));
}

TEST_CASE("rows in bins of probability say how often they are right") {
  const std::vector<float> probabilities = {0.9F, 0.1F, 0.95F, 0.05F, 0.45F, 0.55F};
  const std::vector<std::uint8_t> labels = {0, 1, 1};
  const std::vector<CalibrationBin> bins = calibration_bins(probabilities, labels, 10);
  REQUIRE(bins.size() == 10);
  CHECK(bins[8].count == 1);  // (0.8, 0.9]
  CHECK(bins[8].right == 1);
  CHECK(bins[9].count == 1);
  CHECK(bins[9].right == 0);
  CHECK(bins[5].probability_sum == Approx(0.55).margin(1e-6));
  CHECK(calibration_bins(std::vector<float>{NAN, 0.5F}, std::vector<std::uint8_t>{0}).empty());
  CHECK(has(reliability_svg(bins), "<rect"));
}

TEST_CASE("the best epoch is marked, in a file's colors or a page's") {
  Chart chart{.title = "Loss", .curves = {{"training", {{1, 2}, {2, 1}}}}, .best = 2};
  CHECK(has(chart_svg(chart), ">best<"));
  CHECK(has(chart_svg(chart), "var(--c0)"));
  CHECK_FALSE(has(chart_svg(chart), "#222222"));
  const std::string file = charts_svg(std::vector<Chart>{chart, chart, chart}, "three");
  CHECK(has(file, "xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK_FALSE(has(file, "var("));
  CHECK(occurrences(file, ">training<") == 1);  // named once for all
  chart.best = {};
  CHECK_FALSE(has(chart_svg(chart), ">best<"));
}

TEST_CASE("the figures of a run are read back as they were written") {
  const std::vector<MetricRow> rows = history();
  const std::string text = mien::train::metrics_csv(rows);
  const std::vector<MetricRow> read = mien::train::read_metrics_csv(text, "metrics.csv");
  CHECK(mien::train::metrics_csv(read) == text);
  REQUIRE(read.size() == 3);
  CHECK(std::isinf(read[1].train_loss));
  CHECK(std::isnan(read[0].images_per_second));
  CHECK(mien::train::best_row(read)->step == 6);  // the first of equal ones
  std::vector<MetricRow> surer = read;
  surer[2].validation_loss = surer[1].validation_loss / 2;
  CHECK(mien::train::best_row(surer)->step == 9);
  CHECK(mien::train::epoch_of(read, 9) == 3.0);
  CHECK_FALSE(mien::train::epoch_of(read, 10));

  const auto refused = [](const std::string& csv) {
    try {
      (void)mien::train::read_metrics_csv(csv, "m.csv");
    } catch (const mien::DataError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(has(refused("a,b\n1,2\n"), "m.csv:1: no column \"step\""));
  CHECK(has(refused("step,epoch\n1\n"), "m.csv:2: expected 2 cells, found 1"));
  CHECK(has(refused("step,epoch\n1,x\n"), "m.csv:2: expected a number, found \"x\""));
  CHECK(has(refused("step,epoch\n-1,1\n"), "m.csv:2: expected a step"));
}

TEST_CASE("runs are compared by name and best value, in text, page and picture") {
  const mien::test::TemporaryFolder folder;
  for (const char* name : {"x/run", "y/run"}) {
    std::filesystem::create_directories(folder / name);
    mien::write_file_atomically(folder / name / "metrics.csv", mien::train::metrics_csv(history()));
  }
  const auto runs =
      mien::train::read_runs({(folder / "x/run").string(), (folder / "y/run/metrics.csv").string()});
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].name == "x/run");
  CHECK(runs[1].name == "y/run");
  const std::string table = comparison_table(runs);
  CHECK(occurrences(table, "\n") == 3);
  CHECK(has(table, "75.00 %"));
  CHECK(self_contained(comparison_page(runs)));
  CHECK(has(comparison_page(runs), "Validation accuracy over time"));
  CHECK(has(comparison_svg(runs), ">x/run<"));
  CHECK_THROWS_AS(mien::train::read_runs({folder.path().string()}), mien::DataError);
}

TEST_CASE("the page of a run shows what there is, from the first moment on") {
  RunPage page;
  page.name = "a <run>";
  page.reload_seconds = 5;
  page.options = {{"--lr", "0.5", false}, {"--seed", "0", true}};
  page.facts = {{"data", "faces & more"}};
  const std::string empty = run_page(page);
  CHECK(self_contained(empty));
  CHECK(has(empty, "They begin with the first evaluation"));
  CHECK(has(empty, "\"refresh\""));
  CHECK(has(empty, "faces &amp; more"));
  page.history = history();
  page.best_step = 6;
  page.status = RunPage::Status::done;
  page.reload_seconds = 0;
  page.commands = "to predict: x";
  const std::string full = run_page(page);
  CHECK(self_contained(full));
  CHECK_FALSE(has(full, "\"refresh\""));
  CHECK(occurrences(full, ">best<") == 4);
  CHECK(full.find("--lr") < full.find("class=\"same\""));
}
