// How fertrain stops, and goes on: interrupts, divergence, checkpoints.
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "cli.hpp"
#include "mien/model/model_file.hpp"

namespace {

using namespace mien::test;

// Every kind of layer that has a state or draws random numbers.
constexpr const char* kFullSpec =
    "input 1 48 48\nconv 6 5 same stride 3\nrelu\nlrn 2 1 0.01 0.75\nmaxpool 3 2 same\nconv 8 3 "
    "same\nbatchnorm\n"
    "relu\ndropout 0.3\ndense 16\nrelu\ndropout 0.5\ndense 7\n";

// The first tensor of two files that differs in a bit, or in its name.
std::string first_difference(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto x = mien::model::SafetensorsFile::open(a);
  const auto y = mien::model::SafetensorsFile::open(b);
  if (x.tensors().size() != y.tensors().size()) return "number of tensors";
  for (std::size_t i = 0; i < x.tensors().size(); ++i) {
    const mien::model::TensorEntry& p = x.tensors()[i];
    const mien::model::TensorEntry& q = y.tensors()[i];
    if (p.name != q.name || p.shape != q.shape || p.bytes.size() != q.bytes.size() ||
        std::memcmp(p.bytes.data(), q.bytes.data(), p.bytes.size()) != 0) {
      return p.name;
    }
  }
  return "";
}

struct FullRun {
  const Workplace& place;
  std::string name;
  ProgramResult start(const std::string& steps, const std::string& threads) const {
    return fertrain({"--csv",
                     place / "faces.csv",
                     "--model",
                     place / "tiny.spec",
                     "--out",
                     place / name,
                     "--steps",
                     steps,
                     "--batch",
                     "8",
                     "--lr",
                     "0.002",
                     "--seed",
                     "5",
                     "--threads",
                     threads,
                     "--schedule",
                     "plateau",
                     "--plateau-patience",
                     "1",
                     "--eval-every",
                     "7",
                     "--label-smoothing",
                     "0.1",
                     "--mirror",
                     "0.5",
                     "--rotate",
                     "10",
                     "--average",
                     "0.9"});
  }
  ProgramResult resume(const std::string& steps, const std::string& threads) const {
    return fertrain({"--resume", place / name, "--steps", steps, "--threads", threads});
  }
  std::string last() const { return place / (name + "/last.safetensors"); }
};

std::string without_times(const std::string& metrics) {
  std::string text;
  for (const auto& row : csv_of(metrics)) {
    for (std::size_t column = 0; column + 2 < row.size(); ++column) text += row[column] + ",";
    text += "\n";
  }
  return text;
}

std::vector<std::string> endless(const Workplace& place) {
  return place.training() + std::vector<std::string>{"--steps", "100000000", "--eval-every", "20"};
}

}  // namespace

TEST_CASE("30 steps and 30 more after a resume are 60 steps, bit for bit, with any number of threads",
          "[cli]") {
  const Workplace place(faces_csv(6), kFullSpec);
  const FullRun whole{place, "whole"};
  REQUIRE(whole.start("60", "1").exit_code == 0);
  struct Case {
    const char* name;
    const char* first_threads;
    const char* second_threads;
  };
  for (const Case& c : {Case{"one", "1", "1"}, Case{"two", "2", "2"}, Case{"across", "2", "1"}}) {
    INFO(c.name);
    const FullRun cut{place, c.name};
    REQUIRE(cut.start("30", c.first_threads).exit_code == 0);
    CHECK_FALSE(first_difference(whole.last(), cut.last()).empty());
    const ProgramResult resumed = cut.resume("60", c.second_threads);
    INFO(resumed.err);
    REQUIRE(resumed.exit_code == 0);
    CHECK(first_difference(whole.last(), cut.last()) == "");
    CHECK(checkpoint_of(place / c.name).at("steps").as_integer() == 60);
  }
}

TEST_CASE("a run cut at an evaluation has the metrics of one that was not", "[cli]") {
  const Workplace place(faces_csv(6), kFullSpec);
  const FullRun whole{place, "whole"};
  const FullRun cut{place, "cut"};
  REQUIRE(whole.start("42", "1").exit_code == 0);
  REQUIRE(cut.start("21", "1").exit_code == 0);
  REQUIRE(cut.resume("42", "1").exit_code == 0);
  CHECK(without_times(read_text(place / "cut/metrics.csv")) ==
        without_times(read_text(place / "whole/metrics.csv")));
  CHECK(first_difference(place / "whole/best.safetensors", place / "cut/best.safetensors") == "");
  CHECK(read_text(place / "whole/report.json") == read_text(place / "cut/report.json"));
  CHECK(contains(read_text(place / "cut/log.txt"), "\nresumed at step 21, 1 thread, "));
}

TEST_CASE("an interrupted run leaves a checkpoint, prints how to go on, and that works", "[cli]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Workplace place;
    std::vector<std::string> arguments = endless(place);
    *std::find(arguments.begin(), arguments.end(), place / "run") = place / "a 'run'";  // needs quoting
    Program program(FERTRAIN_PATH, arguments);
    REQUIRE(program.wait_for(place / "a 'run'/metrics.csv"));
    program.send(signal);
    const ProgramResult result = program.wait();
    INFO(result.err);
    CHECK(result.exit_code == 130);
    CHECK(result.err.ends_with("\ninterrupted\n"));
    REQUIRE(result.out == FERTRAIN_PATH " --resume '" + place / "a '\\''run'\\'''" + " --threads 1\n");

    const std::int64_t steps = checkpoint_of(place / "a 'run'").at("steps").as_integer();
    CHECK(steps >= 20);
    const std::string command = result.out.substr(0, result.out.size() - 1);
    const ProgramResult resumed =
        run_program("/bin/sh", {"-c", command + " --steps " + std::to_string(steps + 3)});
    INFO(resumed.err);
    CHECK(resumed.exit_code == 0);
    CHECK(checkpoint_of(place / "a 'run'").at("steps").as_integer() == steps + 3);
  }
}

TEST_CASE("a closed terminal, which sends SIGHUP twice, leaves a checkpoint and says in the log how to go on",
          "[cli]") {
  const Workplace place;
  Program program(FERTRAIN_PATH, endless(place));
  REQUIRE(program.wait_for(place / "run/metrics.csv"));
  program.send(SIGHUP);
  program.send(SIGHUP);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  program.send(SIGHUP);
  CHECK(program.wait().exit_code == 130);
  CHECK(checkpoint_of(place / "run").at("steps").as_integer() >= 20);
  CHECK(read_text(place / "run/log.txt")
            .ends_with("\ninterrupted\n" FERTRAIN_PATH " --resume " + place / "run" + " --threads 1\n"));
}

TEST_CASE("a run interrupted before it knew how many steps fit its time says that it needs the time again",
          "[cli]") {
  // Fifty steps of it, after which it would know, take a second.
  const Workplace place(faces_csv(),
                        "conv 64 5\nrelu\nconv 64 5\nrelu\nconv 64 5\nrelu\nmaxpool 8 8\ndense 7\n");
  Program program(FERTRAIN_PATH,
                  place.training() + std::vector<std::string>{"--schedule", "cosine", "--eval-every", "1000",
                                                              "--time-limit", "90s", "--onnx"});
  REQUIRE(program.wait_for(place / "run/last.safetensors"));
  program.send(SIGINT);
  const ProgramResult result = program.wait();
  REQUIRE(result.exit_code == 130);
  REQUIRE(checkpoint_of(place / "run").at("state").at("planned_steps").as_integer() == 0);
  CHECK(result.out == FERTRAIN_PATH " --resume " + place / "run" + " --threads 1 --time-limit 90s --onnx\n");
  const ProgramResult endless = fertrain({"--resume", place / "run"});
  CHECK(endless.exit_code == 2);
  CHECK(contains(endless.err,
                 "stopped before it had planned how many steps fit its --time-limit; give that "
                 "again, or --steps or --epochs\n"));
  CHECK(fertrain({"--resume", place / "run", "--steps", "4"}).exit_code == 0);
}

TEST_CASE("only one process at a time trains into a folder", "[cli]") {
  const Workplace place;
  Program first(FERTRAIN_PATH, endless(place));
  REQUIRE(first.wait_for(place / "run/last.safetensors"));
  const ProgramResult second = fertrain({"--resume", place / "run"});
  CHECK(second.exit_code == 3);
  CHECK(second.err == "[run folder] " + place / "run: another process (process " + std::to_string(first.id()) +
                          ") is training into it\n");
  first.send(SIGINT);
  CHECK(first.wait().exit_code == 130);
}

TEST_CASE("a run that diverges exits with 4, says where, and leaves a checkpoint that works", "[cli]") {
  struct Case {
    std::vector<std::string> arguments;
    const char* place;
  };
  const std::vector<Case> cases = {
      {{"--optimizer", "sgd", "--lr", "1e30"}, "the first output that is not finite is that of "},
      // The average may still be finite where the weights it goes on from are not.
      {{"--optimizer", "sgd", "--lr", "1e30", "--average", "0.9"},
       "the first output that is not finite is that of "},
      {{"--recipe", "literal", "--optimizer", "sgd", "--lr", "0.1"},
       "all layers' outputs are finite, the loss itself is not"},
  };
  const Workplace data;
  for (const Case& c : cases) {
    const Workplace place;
    const ProgramResult result =
        fertrain(std::vector<std::string>{"--csv", place / "faces.csv", "--model", place / "tiny.spec", "--out",
                                          place / "run", "--batch", "4", "--steps", "200"} +
                 c.arguments);
    INFO(result.err);
    CHECK(result.exit_code == 4);
    CHECK(contains(result.err, "[train] step "));
    CHECK(contains(result.err, ": the loss is NaN; "));
    CHECK(contains(result.err, c.place));
    CHECK(result.out.empty());
    CHECK(contains(read_text(place / "run/log.txt"), result.err.substr(result.err.rfind("[train] step "))));
    const mien::model::ModelFile model =
        mien::model::read_model(std::filesystem::path(place / "run/last.safetensors"));
    for (const float probability : model.sample_output.values()) CHECK(std::isfinite(probability));
    const ProgramResult predicted =
        ferpredict({"--model", place / "run/last.safetensors", "--json", MIEN_SAMPLE_FOLDER "/face.png"});
    INFO(predicted.err);
    CHECK(predicted.exit_code == 0);
  }
}

TEST_CASE("a resumed run refuses other data and options that are fixed", "[cli]") {
  const Workplace place;
  place.train();
  const std::string other = place.write("other.csv", faces_csv(3));
  const ProgramResult data = fertrain({"--resume", place / "run", "--csv", other, "--steps", "8"});
  CHECK(data.exit_code == 3);
  CHECK(data.err == other + ": not the data this run was trained on; a resumed run needs the same rows\n");
  for (const auto& [option, value] :
       {std::pair{"--lr", "0.5"}, std::pair{"--seed", "3"}, std::pair{"--batch", "9"},
        std::pair{"--optimizer", "sgd"}, std::pair{"--out", "elsewhere"}}) {
    const ProgramResult result = fertrain({"--resume", place / "run", option, value});
    CHECK(result.exit_code == 2);
    CHECK(result.err == std::string(option) + " is fixed by the run being resumed; leave it out\n");
  }
  CHECK(checkpoint_of(place / "run").at("steps").as_integer() == 4);

  // The same rows under another name are the same data.
  std::filesystem::rename(place / "faces.csv", place / "moved.csv");
  CHECK(fertrain({"--resume", place / "run", "--steps", "8"}).exit_code == 3);
  CHECK(fertrain({"--resume", place / "run", "--csv", place / "moved.csv", "--steps", "8"}).exit_code == 0);
}

TEST_CASE("a run in bfloat16 says so, and goes on in it", "[cli]") {
  const std::vector<std::string> half = {"--precision", "bf16", "--moments", "bf16"};
  const Workplace place;
  place.train(std::vector<std::string>{"--steps", "4"} + half);
  const auto options = [&] { return json_of(read_text(place / "run/args.json")).at("options"); };
  CHECK(options().at("precision").as_string() == "bf16");
  CHECK(options().at("moments").as_string() == "bf16");
  for (const char* option : {"--precision", "--moments"}) {
    const ProgramResult fixed = fertrain({"--resume", place / "run", option, "f32"});
    CHECK(fixed.exit_code == 2);
    CHECK(fixed.err == std::string(option) + " is fixed by the run being resumed; leave it out\n");
  }
  CHECK(fertrain({"--resume", place / "run", "--steps", "8"}).exit_code == 0);

  const Workplace whole;
  whole.train(std::vector<std::string>{"--steps", "8"} + half);
  CHECK(first_difference(place / "run/last.safetensors", whole / "run/last.safetensors") == "");
  const Workplace f32;
  f32.train({"--steps", "8"});
  CHECK(first_difference(place / "run/last.safetensors", f32 / "run/last.safetensors") != "");
}

TEST_CASE("fertrain --resume names a folder or file that is no checkpoint", "[cli]") {
  const Workplace place;
  const ProgramResult none = fertrain({"--resume", place / "run"});
  CHECK(none.exit_code == 3);
  CHECK(contains(none.err, place / "run/last.safetensors: No such file or directory"));
  CHECK_FALSE(place.has("run"));

  place.train();
  std::filesystem::rename(place / "run/best.safetensors", place / "run/last.safetensors");
  const ProgramResult weights = fertrain({"--resume", place / "run"});
  CHECK(weights.exit_code == 3);
  CHECK(contains(weights.err, "last.safetensors: holds weights only, no checkpoint to resume from"));
}

TEST_CASE("kept weights and checkpoint that are not of the same moment are both made use of", "[cli]") {
  const Workplace place(faces_csv(6), kFullSpec);
  const auto run = [&](const std::vector<std::string>& words) {
    const ProgramResult result = fertrain(words);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return result.out;
  };
  const std::string best = place / "run/best.safetensors", last = place / "run/last.safetensors";
  const auto note = [&](const char* name) { return note_of(best, name); };
  run(place.training() + std::vector<std::string>{"--steps", "10", "--eval-every", "5"});
  const std::string early = read_text(last);
  run({"--resume", place / "run", "--steps", "60"});
  const std::string kept = read_text(best), step = note("step"), accuracy = note("validation_accuracy");
  REQUIRE(std::stoi(step) > 10);
  for (const auto& row : csv_of(read_text(place / "run/metrics.csv"))) {
    if (row.at(0) == step) CHECK(row.at(5) == accuracy);
  }
  CHECK(contains(run({"--resume", place / "run"}), ", best.safetensors of step " + step + "\n"));

  // Of a run whose last checkpoint did not get onto the disk.
  place.write("run/last.safetensors", early);
  CHECK(contains(run({"--resume", place / "run", "--steps", "11"}), ", best.safetensors of step " + step));
  CHECK(read_text(best) == kept);

  // Of one whose weights cannot be read.
  place.write("run/last.safetensors", early);
  place.write("run/best.safetensors", kept.substr(0, kept.size() / 2));
  run({"--resume", place / "run", "--steps", "15"});
  CHECK(std::stoi(note("step")) > 10);
  CHECK(contains(read_text(place / "run/log.txt"), "; the next evaluation supplies another\n"));

  // And of one whose weights were taken away.
  place.write("run/last.safetensors", early);
  std::filesystem::remove(best);
  run({"--resume", place / "run", "--steps", "15"});
  CHECK(std::stoi(note("step")) > 10);
  CHECK(std::stoi(note("step")) <= 15);

  // Also where nothing is left to be trained: the last step is measured again, and stands in the curves once.
  const auto rows = csv_of(read_text(place / "run/metrics.csv"));
  std::filesystem::remove(best);
  CHECK(contains(run({"--resume", place / "run"}), ", best.safetensors of step 15\n"));
  CHECK(note("step") == "15");
  const auto again = csv_of(read_text(place / "run/metrics.csv"));
  REQUIRE(again.size() == rows.size());
  CHECK(again.back().at(2) == rows.back().at(2));
  CHECK(again.back().at(5) == rows.back().at(5));

  // And where the run's patience is over.
  run({"--resume", place / "run", "--steps", "2000", "--patience", "2"});
  REQUIRE(contains(read_text(place / "run/log.txt"), "stopped by --patience"));
  const auto patient = csv_of(read_text(place / "run/metrics.csv"));
  std::filesystem::remove(best);
  run({"--resume", place / "run"});
  CHECK(note("step") == patient.back().at(0));
  CHECK(csv_of(read_text(place / "run/metrics.csv")).size() == patient.size());
}

TEST_CASE("what was made of weights that are replaced goes with them, and so does what was left half written",
          "[cli]") {
  const Workplace place(faces_csv(6), kFullSpec);
  const auto words = [&](const char* steps) {
    return place.training() + std::vector<std::string>{"--steps", steps, "--eval-every", "5", "--onnx"};
  };
  REQUIRE(fertrain(words("5")).exit_code == 0);
  REQUIRE(place.has("run/best.onnx"));
  const std::string gone = "run/.mien-" + std::to_string(std::numeric_limits<int>::max()) + "-0.tmp";
  const std::string alive = "run/.mien-" + std::to_string(::getpid()) + "-0.tmp", other = "run/.mien-a-b.tmp";
  for (const std::string& name : {gone, alive, other}) place.write(name, "half");
  const std::string before = read_text(place / "run/best.safetensors");
  const ProgramResult resumed = fertrain({"--resume", place / "run", "--steps", "60"});
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  REQUIRE(read_text(place / "run/best.safetensors") != before);
  CHECK_FALSE(place.has("run/best.onnx"));
  CHECK(place.has("run/report.json"));
  CHECK_FALSE(place.has(gone));
  CHECK(place.has(alive));
  CHECK(place.has(other));
}

TEST_CASE("a run that begins anew removes what one killed before its first checkpoint left half written",
          "[cli]") {
  const Workplace place(faces_csv(6), kFullSpec);
  const std::string gone = "run/.mien-" + std::to_string(std::numeric_limits<int>::max()) + "-0.tmp";
  std::filesystem::create_directory(place / "run");
  place.write(gone, "half");
  std::vector<std::string> words = place.training();
  words.insert(words.end(), {"--steps", "2"});
  const ProgramResult result = fertrain(words);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_FALSE(place.has(gone));
}

TEST_CASE("what a resume cannot write is said before it trains", "[cli]") {
  const Workplace place;
  place.train();
  const std::string before = read_text(place / "run/last.safetensors");
  const ProgramResult result =
      fertrain({"--resume", place / "run", "--steps", "8", "--csv", place.write("fa\xff.csv", faces_csv())});
  INFO(result.err);
  CHECK(result.exit_code != 0);
  CHECK(contains(result.err, "UTF-8"));
  CHECK_FALSE(contains(result.err, "step 8"));
  CHECK(read_text(place / "run/last.safetensors") == before);
}

TEST_CASE("resuming a run that is complete changes nothing and reports again", "[cli]") {
  const Workplace place;
  place.train();
  const std::string before = read_text(place / "run/last.safetensors");
  const ProgramResult again = fertrain({"--resume", place / "run"});
  CHECK(again.exit_code == 0);
  CHECK(contains(again.out, "PublicTest accuracy "));
  CHECK(read_text(place / "run/last.safetensors") == before);
  const std::string over = "this run was over already, after 4 steps (2 epochs), and nothing was trained; ";
  CHECK(contains(again.err,
                 over + "for twice as many: " FERTRAIN_PATH " --resume " + place / "run" + " --steps 8\n"));
  const ProgramResult more = fertrain({"--resume", place / "run", "--steps", "8"});
  CHECK(more.exit_code == 0);
  CHECK_FALSE(contains(more.err, "over already"));
}
