// Files that are made to keep the programs waiting or to fill memory.
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli.hpp"

namespace {

using namespace mien::test;

// The most memory that any child of this process has had.
long most_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("pipes among pictures are refused, not waited for", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  for (const char* name : {"a", "b"}) std::filesystem::create_directories(place.path() / "pictures" / name);
  const std::string pipe = place / "pictures/a/1.png";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  place.write("pictures/b/1.png", read_text(MIEN_SAMPLE_FOLDER "/face.png"));
  const std::string error = "[read] " + pipe + ": a pipe, not a file\n";
  const ProgramResult trained = fertrain({"--data", place / "pictures", "--dry-run"});
  CHECK(trained.exit_code == 3);
  CHECK(contains(trained.err, error));
  const ProgramResult read = ferpredict({"--model", model, pipe});
  CHECK(read.exit_code == 3);
  CHECK(read.err == error);
}

TEST_CASE("a --config without end is refused", "[cli]") {
  const ProgramResult result = run_program("/bin/sh", {"-c", FERTRAIN_PATH " --config /dev/stdin </dev/zero"});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "--config /dev/stdin: larger than the limit of 1048576 bytes"));
}

TEST_CASE("what comes through a pipe is held once", "[cli]") {
  constexpr long kKilobytes = 300'000;
  const ProgramResult result = run_program("/bin/sh", {"-c", "head -c 300000000 /dev/zero | " FERTRAIN_PATH
                                                             " --csv /dev/stdin --dry-run --threads 1"});
  CHECK(result.exit_code == 3);
  CHECK(most_kilobytes() < kKilobytes + 150'000);  // of this and all that ran before
}

TEST_CASE("models that would compute for minutes are refused, unless they are wanted", "[cli]") {
  const Workplace place;
  mien::model::ModelFile model;
  model.name = "m";
  std::string spec = "input 1 2048 2048";
  for (int i = 0; i < 900; ++i) spec += " | avgpool 15 1 same";
  model.spec = mien::model::ModelSpec::from_text(spec + " | globalpool");
  model.labels = {"a"};
  mien::model::write_model(place.path() / "m", model);
  const std::string face = MIEN_SAMPLE_FOLDER "/face.png";
  const ProgramResult refused = ferpredict({"--model", place / "m", face});
  CHECK(refused.exit_code == 3);
  CHECK(contains(
      refused.err,
      "/m: predicting an image takes 849 G operations, at most 25.0 G are allowed (--max-operations)\n"));
  CHECK(ferpredict({"--model", place / "m", "--model-info"}).exit_code == 0);
  const std::string good = place.train();
  CHECK(ferpredict({"--model", good, "--max-operations", "0.000001", face}).exit_code == 3);
  CHECK(ferpredict({"--model", good, "--max-operations", "20", face}).exit_code == 0);
}
