// What fertrain says at the end of a run is to be pasted into a shell.
#include "fertrain/next_steps.hpp"

#include "support/catch.hpp"

namespace {

using fertrain::Arguments;
using fertrain::resume_command;

Arguments called(const std::string& program) {
  Arguments a;
  a.command = {program, "--csv", "fer2013.csv"};
  a.data = "my data/fer2013.csv";
  return a;
}

}  // namespace

TEST_CASE("a run goes on by the program as it was called, in its folder, quoted") {
  CHECK(resume_command("runs/a", called("fertrain"), {}) == "fertrain --resume runs/a");
  CHECK(resume_command("it's", called("my build/fertrain"), {}) == "'my build/fertrain' --resume 'it'\\''s'");
  CHECK(resume_command("-a", called("./fertrain"), {}) == "./fertrain --resume ./-a");
}

TEST_CASE("a run goes on with what its checkpoint does not hold") {
  Arguments a = called("fertrain");
  a.threads = 3;
  a.limits.seconds = 89.5;
  a.onnx = a.quiet = true;
  CHECK(resume_command("a", a, {}) == "fertrain --resume a --threads 3 --time-limit 90s --onnx --quiet");
  a = called("fertrain");
  a.limits = {.seconds = 60, .fit_seconds = true};
  CHECK(resume_command("a", a, {}) == "fertrain --resume a --time-limit 60s");
  mien::train::RunState planned;
  planned.planned_steps = 100;
  CHECK(resume_command("a", a, planned) == "fertrain --resume a");  // it ends by its plan
}

TEST_CASE("what comes next is said with the other program beside this one") {
  CHECK(fertrain::next_steps("runs/a", called("build/fertrain"), 3589) ==
        "to look at:   runs/a/report.html\n"
        "to predict:   build/ferpredict --model runs/a/best.safetensors PHOTO\n"
        "to calibrate: build/ferpredict --model runs/a/best.safetensors --csv 'my data/fer2013.csv' "
        "--usage PublicTest --calibrate runs/a/calibrated.safetensors\n"
        "to shrink:    build/ferpredict --model runs/a/best.safetensors --convert "
        "runs/a/int8.safetensors --dtype int8");
  Arguments numbered = called("fertrain");
  numbered.classes = mien::data::ClassNumbers::parse(std::vector<std::string>{"neutral", "happy", "7=sad"});
  CHECK(fertrain::next_steps("runs/a", numbered, 3589)
            .find(" --classes neutral,happy,7=sad --usage PublicTest ") != std::string::npos);
  Arguments faces = called("fertrain");
  faces.options.task = mien::train::TaskKind::faces;
  CHECK(fertrain::next_steps("runs/a", faces, 3589) ==
        "to look at:   runs/a/report.html\n"
        "to predict:   ferpredict --face-model runs/a/best.safetensors PHOTO\n"
        "to shrink:    ferpredict --model runs/a/best.safetensors --convert runs/a/int8.safetensors --dtype "
        "int8");
  faces.options = mien::train::recipe("points");  // of which faces have to be found by another
  CHECK(fertrain::next_steps("runs/a", faces, 3589) ==
        "to look at:   runs/a/report.html\n"
        "to shrink:    ferpredict --model runs/a/best.safetensors --convert runs/a/int8.safetensors --dtype "
        "int8");
  const std::string without_rows = fertrain::next_steps("runs/a", called("fertrain"), 0);
  CHECK(without_rows.find("--calibrate") == without_rows.npos);
  CHECK(without_rows.find(" ferpredict --model ") != without_rows.npos);
  Arguments own = called("fertrain");
  own.any = true;
  const std::string few = fertrain::next_steps("runs/a", own, 30);
  CHECK(few.find(" --usage validation --calibrate ") != few.npos);
  CHECK(few.find("\nto measure:   ferpredict --model runs/a/best.safetensors --data OTHERS (the 30 validation "
                 "pictures chose this model, and flatter it)\n") != few.npos);
  CHECK(fertrain::next_steps("runs/a", own, 200).find("to measure") == std::string::npos);
  CHECK(without_rows.find("to measure") == without_rows.npos);
}

TEST_CASE("a run that was over before it was resumed says how it would go on") {
  Arguments a = called("fertrain");
  a.limits.epochs = 10;
  CHECK(fertrain::already_over("runs/a", a, {}, 1000, 100) ==
        "this run was over already, after 1000 steps (10 epochs), and nothing was trained; for twice as many: "
        "fertrain --resume runs/a --epochs 20");
}
