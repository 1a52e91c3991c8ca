// Every call that writes a run's files fails once, or is the last one; and so does every allocation.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli.hpp"
#include "mien/train/checkpoint.hpp"

namespace {

using namespace mien::test;
using mien::model::SafetensorsFile;

/// A copy of a run of forty steps, and what resumes it for two more.
struct Run : TemporaryFolder {
  Run() { reset(); }
  void reset() const {
    std::filesystem::remove_all(run());
    std::filesystem::copy(
        MIEN_GOLDENS_FOLDER "/first", path(),
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::update_existing);
  }
  std::filesystem::path run() const { return path() / "run"; }
  std::string name() const { return run().string(); }
  std::vector<std::string> resume(const std::vector<std::string>& more = {}) const {
    return std::vector<std::string>{"--resume",  name(), "--data",       (path() / "rows.csv").string(),
                                    "--steps",   "42",   "--eval-every", "1",
                                    "--threads", "1",    "--quiet"} +
           more;
  }
  ProgramResult with(const std::vector<std::string>& environment,
                     const std::vector<std::string>& more = {}) const {
    return fertrain(resume(more), {.environment = std::vector<std::string>{"LD_PRELOAD=" MIEN_FAULTS_LIBRARY,
                                                                           "MIEN_FAULT_FOLDER=" + name()} +
                                                  environment});
  }
  ProgramResult with_fault(int call, const std::string& what, const std::vector<std::string>& more = {}) const {
    return with({"MIEN_FAULT=" + std::to_string(call) + ":" + what}, more);
  }
  int calls() const {
    const std::string count = (path() / "count").string();
    REQUIRE(with({"MIEN_FAULT_COUNT=" + count}).exit_code == 0);
    return std::stoi(read_text(count));
  }
  bool has_temporary() const {
    const std::filesystem::directory_iterator files(run());
    return std::any_of(begin(files), end(files),
                       [](const auto& file) { return file.path().filename().string().starts_with(".mien-"); });
  }
};

/// The step of a checkpoint all of which is what was written.
std::int64_t step_of(const std::filesystem::path& run) {
  const SafetensorsFile file = SafetensorsFile::open(run / "last.safetensors");
  REQUIRE(file.has_digests());
  file.verify();
  (void)mien::train::read_checkpoint(file);
  SafetensorsFile::open(run / "best.safetensors").verify();
  return checkpoint_of(run).at("steps").as_integer();
}

/// The bytes of all tensors.
std::string tensors_of(const std::filesystem::path& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  std::string bytes;
  for (const auto& tensor : file.tensors()) {
    bytes.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  }
  return bytes;
}

}  // namespace

TEST_CASE("whichever call to write a run's files fails, the old or the new checkpoint is there",
          "[cli][faults]") {
  const Run run;
  const int calls = run.calls();
  REQUIRE(calls > 50);
  const std::string whole = tensors_of(run.run() / "last.safetensors");
  int refused = 0;
  for (int call = 1; call <= calls; ++call) {
    for (const int error : {ENOSPC, EIO}) {
      CAPTURE(call, error);
      run.reset();
      const ProgramResult result = run.with_fault(call, std::to_string(error));
      INFO(result.err);
      REQUIRE(result.signal == 0);
      const std::int64_t step = step_of(run.run());
      REQUIRE((step >= 40 && step <= 42));
      REQUIRE_FALSE(run.has_temporary());
      if (result.exit_code == 0) {  // it has already been said, or nothing depends on it
        REQUIRE(tensors_of(run.run() / "last.safetensors") == whole);
        continue;
      }
      ++refused;
      REQUIRE(result.exit_code == 3);
      REQUIRE(contains(result.err, run.name()));
      REQUIRE(contains(result.err, std::strerror(error)));
    }
    run.reset();
    REQUIRE(run.with_fault(call, "short").exit_code == 0);
    REQUIRE(tensors_of(run.run() / "last.safetensors") == whole);
  }
  CHECK(refused > calls);
}

TEST_CASE("killed before any call that writes a run's files, it goes on to the same weights", "[cli][faults]") {
  const Run run;
  const int calls = run.calls();
  const std::string last = tensors_of(run.run() / "last.safetensors");
  for (int call = 1; call <= calls; ++call) {
    CAPTURE(call);
    run.reset();
    REQUIRE(run.with_fault(call, "kill").signal == SIGKILL);
    REQUIRE(step_of(run.run()) >= 40);
    REQUIRE(fertrain(run.resume()).exit_code == 0);
    REQUIRE(tensors_of(run.run() / "last.safetensors") == last);
    REQUIRE_FALSE(run.has_temporary());
  }
}

TEST_CASE("whichever allocation fails, the programs say so and leave what was there", "[cli][faults]") {
  const Run run;
  int failed = 0;
  constexpr int kStep = 7, kMost = 2000;
  for (int number = 1; number < kMost; number += kStep) {
    CAPTURE(number);
    const std::string fault = "MIEN_FAULT_ALLOCATION=" + std::to_string(number);
    const ProgramResult read = ferpredict({MIEN_SAMPLE_FOLDER "/face.png", "--threads", "1"},
                                          {.environment = {"LD_PRELOAD=" MIEN_FAULTS_LIBRARY, fault}});
    INFO(read.err);
    REQUIRE((read.exit_code == 0 || (read.exit_code == 3 && contains(read.err, "out of memory"))));
    failed += read.exit_code == 3;
    run.reset();
    const ProgramResult trained = run.with({fault});
    INFO(trained.err);
    const bool said = trained.exit_code == 3 && contains(trained.err, "out of memory");
    REQUIRE((trained.exit_code == 0 || said));
    failed += trained.exit_code == 3;
    REQUIRE(step_of(run.run()) >= 40);
  }
  CHECK(failed > kMost / kStep);
}

TEST_CASE("a folder on a file system without locks can be trained into", "[cli][faults]") {
  const Run run;
  CHECK(run.with({"MIEN_NO_LOCKS=1"}).exit_code == 0);
}

TEST_CASE("with --on-checkpoint-error continue a run outlasts a disk that fails once", "[cli][faults]") {
  const Run run;
  const int calls = run.calls();
  const std::string last = tensors_of(run.run() / "last.safetensors");
  const std::string best = tensors_of(run.run() / "best.safetensors");
  int survived = 0;
  for (int call = 1; call <= calls; call += 2) {
    CAPTURE(call);
    run.reset();
    const ProgramResult result =
        run.with_fault(call, std::to_string(ENOSPC), {"--on-checkpoint-error", "continue"});
    INFO(result.err);
    if (contains(result.err, "; going on\n")) {
      ++survived;
      REQUIRE(result.exit_code == 0);
    }
    if (result.exit_code != 0) continue;  // before the first step, or behind the last
    REQUIRE(tensors_of(run.run() / "last.safetensors") == last);
    REQUIRE(tensors_of(run.run() / "best.safetensors") == best);
  }
  CHECK(survived > 10);
}

TEST_CASE("a disk that fails as a run's curves are written does not lose what was trained", "[cli][faults]") {
  const Run run;
  std::filesystem::remove(run.run() / "metrics.csv");
  std::filesystem::create_directory(run.run() / "metrics.csv");
  const ProgramResult result = fertrain(run.resume());
  CHECK(result.exit_code == 3);
  CHECK(contains(result.err, "metrics.csv: "));
  CHECK(step_of(run.run()) == 41);
}
