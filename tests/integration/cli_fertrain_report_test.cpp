// What is seen of a run: lines as it goes on, report.html, and what --compare makes of several.
#include <csignal>

#include "cli.hpp"
#include "support/markup.hpp"

using namespace mien::test;

TEST_CASE("the page of a run that is complete shows all of it, and does not reload", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(place.training() + std::vector<std::string>{"--epochs", "2"});
  REQUIRE(result.exit_code == 0);
  const std::string page = read_text(place / "run/report.html");
  CHECK(self_contained(page));
  CHECK_FALSE(contains(page, "http-equiv=\"refresh\""));
  for (const char* part : {">done<", ">Loss<", ">Accuracy<", ">Learning rate<", ">Images a second<", ">best<",
                           "PublicTest, by best.safetensors", "PrivateTest, by best.safetensors", "Calibration",
                           "to predict: ", "--label-smoothing", ">surprise<", "multiply-adds"}) {
    INFO(part);
    CHECK(contains(page, part));
  }
  const mien::Json report = json_of(read_text(place / "run/report.json"));
  CHECK(contains(page, ">" + std::to_string(report.at("correct").as_integer()) + " <small>of 7<"));
  const auto mistakes = static_cast<std::size_t>(7 - report.at("correct").as_integer());
  CHECK(occurrences(page, "data:image/png;base64,") == mistakes);  // none of PrivateTest
}

TEST_CASE("the page of a run is there while it lasts, reloads itself, and says how it ended", "[cli]") {
  const Workplace place;
  const std::filesystem::path path = place.path() / "run/report.html";
  Program program(FERTRAIN_PATH,
                  place.training() + std::vector<std::string>{"--steps", "100000000", "--eval-every", "20"});
  REQUIRE(program.wait_for(place.path() / "run/metrics.csv"));
  const std::string live = read_text(path);  // whole at any time: it is replaced, never written to
  CHECK(self_contained(live));
  CHECK(contains(live, "http-equiv=\"refresh\""));
  CHECK(contains(live, ">running<"));
  CHECK(contains(live, " of 100,000,000"));
  program.send(SIGINT);
  REQUIRE(program.wait().exit_code == 130);
  const std::string stopped = read_text(path);
  CHECK(contains(stopped, ">stopped<"));
  CHECK(contains(stopped, "to go on: " FERTRAIN_PATH " --resume "));
  CHECK_FALSE(contains(stopped, "http-equiv=\"refresh\""));

  const std::string spec = "input 1 48 48\nconv 4 5 same stride 4\nbatchnorm\nrelu\ndense 7\n";
  const Workplace broken(faces_csv(), spec);
  std::vector<std::string> words =
      broken.training() + std::vector<std::string>{"--steps", "60", "--optimizer", "sgd"};
  *std::find(words.begin(), words.end(), "0.01") = "1e4";
  REQUIRE(fertrain(words).exit_code == 4);
  const std::string failed = read_text(broken / "run/report.html");
  CHECK(contains(failed, ">failed<"));
  CHECK(contains(failed, "[train] step "));
  CHECK_FALSE(contains(failed, "http-equiv=\"refresh\""));
}

TEST_CASE("fertrain says before the first step what the network is and what it takes", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(place.training() + std::vector<std::string>{"--steps", "2"});
  REQUIRE(result.exit_code == 0);
  const std::size_t summary = result.err.find("trained weights");
  REQUIRE(summary != std::string::npos);
  CHECK(contains(result.err, "conv1         conv 4 5 same stride 4"));
  CHECK(contains(result.err, "\nmemory about "));
  CHECK(summary < result.err.find("epoch "));
  CHECK(contains(read_text(place / "run/log.txt"), "trained weights"));
}

TEST_CASE("of evaluations that follow each other closely the best and the last are printed, and all are logged",
          "[cli]") {
  const Workplace place;
  std::vector<std::string> words = place.training() + std::vector<std::string>{"--epochs", "40"};
  const auto rate = std::find(words.begin(), words.end(), "0.01");
  REQUIRE(rate != words.end());
  *rate = "1e-12";  // hardly one is better than the one before
  const ProgramResult result = fertrain(words);
  REQUIRE(result.exit_code == 0);
  const std::string log = read_text(place / "run/log.txt");
  CHECK(occurrences(log, "\nepoch ") == 40);
  CHECK(occurrences(result.err, "\nepoch ") < 40);
  for (const char* place_of_line : {"\nepoch 1.00  step 3  ", "\nepoch 40.00  step 120  "}) {
    const std::size_t at = log.find(place_of_line);
    REQUIRE(at != log.npos);
    CHECK(contains(result.err, log.substr(at, log.find('\n', at + 1) - at + 1)));
  }
}

TEST_CASE("fertrain --compare draws several runs and prints their best values", "[cli]") {
  const Workplace place;
  for (const char* name : {"one", "two"}) {
    REQUIRE(fertrain(place.training(name) + std::vector<std::string>{"--epochs", "2"}).exit_code == 0);
  }
  const ProgramResult page = fertrain({"--compare", "one", "two"}, {.folder = place.path()});
  INFO(page.err);
  CHECK(page.exit_code == 0);
  CHECK(std::count(page.out.begin(), page.out.end(), '\n') == 3);
  CHECK(contains(page.out, "\none  "));
  CHECK(self_contained(read_text(place / "compare.html")));
  std::filesystem::remove(place.path() / "compare.html");
  const ProgramResult beside = fertrain({"--compare", place / "one/", place / "two"}, {.folder = "/"});
  CHECK(contains(beside.err, place / "compare.html" + ": curves of 2 runs"));
  CHECK(place.has("compare.html"));
  const ProgramResult svg =
      fertrain({"--compare", place / "one", place / "two/metrics.csv", "--out", place / "both.SVG", "--quiet"});
  CHECK(svg.exit_code == 0);
  CHECK(svg.err.empty());
  CHECK(contains(read_text(place / "both.SVG"), ">two<"));

  const auto refused = [&](const std::vector<std::string>& words, int code, const char* message) {
    const ProgramResult result = fertrain(words, {.folder = place.path()});
    INFO(message << " <- " << result.err);
    CHECK(result.exit_code == code);
    CHECK(contains(result.err, message));
  };
  refused({"--compare", "one", "two", "--out", "x.png"}, 2,
          "--compare writes a file that ends in .html or .svg");
  refused({"--compare", "one", "two", "--lr", "1"}, 2, "--compare reads runs and takes --out alone, not --lr");
  refused({"--compare", "one"}, 2, "--compare takes two runs or more, got one alone; the curves");
  refused({"--compare", "one", "nothing"}, 3, "nothing: No such file or directory");
  refused({"--compare", ".", "one"}, 3, "no metrics.csv in this folder");
}
