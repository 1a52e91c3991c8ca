// How a run of fertrain ends: with numbers that are none, with its time, and with what to do next.
#include <unistd.h>

#include "cli.hpp"
#include "mien/infer/session.hpp"

namespace {

using namespace mien::test;

constexpr const char* kNormalizedSpec =
    "input 1 48 48\nconv 4 5 same stride 4\nbatchnorm\nrelu\nconv 4 3 same\nbatchnorm\nrelu\nconv 4 3 same\n"
    "batchnorm\nrelu\ndense 7\n";

// Every tensor finite, and the sample's output what it is.
void check_readable(const std::filesystem::path& path) {
  INFO(path);
  CHECK_NOTHROW(mien::infer::Session(mien::model::read_model(path)));
}

std::string last_lines(const std::string& text, const std::string& from) {
  return text.substr(std::min(text.size(), text.rfind(from)));
}

}  // namespace

TEST_CASE("a run that diverges through batch normalization ends with 4 and keeps nothing that is not finite",
          "[cli]") {
  const std::vector<std::vector<std::string>> cases = {
      {},
      {"--average", "0.9"},
      {"--precision", "bf16"},
      {"--loss", "l2svm"},
      {"--eval-every", "1"},
      {"--optimizer", "adamw", "--weight-decay", "1"},
  };
  std::string without_validation = kCsvHeader;
  for (int label = 0; label < 7; ++label) without_validation += csv_line(label, "Training", 1);
  for (const std::string& csv : {faces_csv(), without_validation}) {
    for (const auto& more : cases) {
      const Workplace place(csv, kNormalizedSpec);
      std::vector<std::string> words = place.training() + std::vector<std::string>{"--steps", "60"} + more;
      *std::find(words.begin(), words.end(), "0.01") = "1e4";
      if (std::find(more.begin(), more.end(), "--optimizer") == more.end()) {
        words = words + std::vector<std::string>{"--optimizer", "sgd"};
      }
      const ProgramResult result = fertrain(words);
      INFO(result.err << (more.empty() ? "" : more.back()));
      CHECK(result.exit_code == 4);
      CHECK(result.out.empty());
      const std::string message = last_lines(result.err, "[train] step ");
      CHECK((contains(message, "batchnorm") || contains(message, "conv") || contains(message, "dense")));
      CHECK(contains(message, "; the state after step "));
      CHECK(contains(message, place / "run/last.safetensors; a new run with a lower --lr (10000 here) or a "));
      CHECK(contains(read_text(place / "run/log.txt"), message));
      check_readable(place / "run/last.safetensors");
      if (place.has("run/best.safetensors")) check_readable(place / "run/best.safetensors");
    }
  }
}

TEST_CASE("without a guard a run whose statistics are infinite is complete, and keeps none of them", "[cli]") {
  const Workplace place(faces_csv(), kNormalizedSpec);
  std::vector<std::string> words =
      place.training() + std::vector<std::string>{"--steps", "60",           "--optimizer", "sgd",   "--guard",
                                                  "off",     "--eval-every", "60",          "--onnx"};
  *std::find(words.begin(), words.end(), "0.01") = "1e12";
  const ProgramResult result = fertrain(words);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  check_readable(place / "run/last.safetensors");
  CHECK_FALSE(place.has("run/best.safetensors"));
  CHECK_FALSE(place.has("run/best.onnx"));
  const std::string why =
      "no best.safetensors, so no best.onnx: it was taken away, or no evaluation's weights ";
  CHECK(contains(result.err, why));
  CHECK(contains(read_text(place / "run/log.txt"), why));
}

TEST_CASE("a run that is complete says on stderr what its weights are good for", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(place.training() + std::vector<std::string>{"--steps", "4"});
  REQUIRE(result.exit_code == 0);
  const std::string model = "ferpredict --model " + place / "run/best.safetensors";
  const std::string next = last_lines(result.err, "to predict: ");
  CHECK(contains(next, model + " PHOTO\n"));
  CHECK(contains(next, model + " --csv " + place / "faces.csv" + " --usage PublicTest --calibrate " +
                           place / "run/calibrated.safetensors" + "\n"));
  CHECK(contains(next, model + " --convert " + place / "run/int8.safetensors" + " --dtype int8\n"));
  CHECK(std::count(next.begin(), next.end(), '\n') == 3);
  CHECK(read_text(place / "run/log.txt").ends_with(next));
  CHECK_FALSE(contains(result.out, "to predict"));

  // And that works: ferpredict is beside fertrain.
  for (const char* task : {"to calibrate: ", "to shrink: "}) {
    const std::size_t begin = next.find(task) + std::string(task).size();
    const std::string command = next.substr(begin, next.find('\n', begin) - begin);
    const ProgramResult done = run_program("/bin/sh", {"-c", command});
    INFO(command << "\n" << done.err);
    CHECK(done.exit_code == 0);
  }
  CHECK(place.has("run/calibrated.safetensors"));
  CHECK(place.has("run/int8.safetensors"));
}

TEST_CASE("a run that its time ends says how to go on, one that is complete does not", "[cli]") {
  const Workplace place;
  const std::vector<std::string> limit = {"--time-limit", "1s"};
  const ProgramResult stopped =
      fertrain(place.training() + std::vector<std::string>{"--steps", "10000000"} + limit);
  INFO(stopped.err);
  REQUIRE(stopped.exit_code == 0);
  const std::string line =
      "to go on: " FERTRAIN_PATH " --resume " + place / "run --threads 1 --time-limit 1s\n";
  CHECK(contains(stopped.err, "stopped by --time-limit\n"));
  CHECK(contains(stopped.err, line));
  CHECK(contains(read_text(place / "run/log.txt"), line));
  const ProgramResult complete =
      fertrain(place.training("whole") + std::vector<std::string>{"--steps", "4", "--time-limit", "90s"});
  CHECK(complete.exit_code == 0);
  CHECK_FALSE(contains(complete.err, "to go on"));
}

TEST_CASE("an interrupted run whose data have moved goes on by the command it prints", "[cli]") {
  const Workplace place;
  place.train();
  const std::string moved = place / "moved.csv";
  std::filesystem::rename(place / "faces.csv", moved);
  const std::filesystem::path metrics = place / "run/metrics.csv";
  std::filesystem::remove(metrics);
  Program program(FERTRAIN_PATH, {"--resume", place / "run", "--csv", moved, "--threads", "2", "--steps",
                                  "100000000", "--eval-every", "20"});
  REQUIRE(program.wait_for(metrics));
  program.send(SIGINT);
  const ProgramResult result = program.wait();
  REQUIRE(result.exit_code == 130);
  CHECK(result.out == FERTRAIN_PATH " --resume " + place / "run --threads 2\n");
  const std::int64_t steps = checkpoint_of(place / "run").at("steps").as_integer();
  const std::string command =
      result.out.substr(0, result.out.size() - 1) + " --steps " + std::to_string(steps + 2);
  const ProgramResult resumed = run_program("/bin/sh", {"-c", command});
  INFO(resumed.err);
  CHECK(resumed.exit_code == 0);
}
