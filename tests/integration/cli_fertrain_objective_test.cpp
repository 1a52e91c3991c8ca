// fertrain's options about what is made small, and what becomes of runs that let bad numbers go.
#include <cmath>

#include "cli.hpp"
#include "mien/model/model_file.hpp"
#include "mien/train/option_rows.hpp"

namespace {

using namespace mien::test;

mien::Json options_of(const Workplace& place, const std::string& run = "run") {
  return json_of(read_text(place / (run + "/args.json"))).at("options");
}

// A model to learn from, outside of "run".
std::string make_teacher(const Workplace& place, const std::string& name, const std::string& seed) {
  const ProgramResult result =
      fertrain({"--csv", place / "faces.csv", "--model", place / "tiny.spec", "--out", place / name, "--steps",
                "6", "--batch", "4", "--lr", "0.01", "--seed", seed});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  return place / (name + "/best.safetensors");
}

bool gives_finite_output(const std::filesystem::path& path) {
  const mien::Tensor output = mien::model::read_model(path).sample_output;
  return std::all_of(output.values().begin(), output.values().end(), [](float p) { return std::isfinite(p); });
}

// The literal recipe at a pace at which its loss breaks between the second and the third evaluation.
std::vector<std::string> literal(const Workplace& place, const std::string& recipe) {
  return place.training() + std::vector<std::string>{"--steps",     "60",  "--eval-every", "10",
                                                     "--optimizer", "sgd", "--recipe",     recipe};
}

}  // namespace

TEST_CASE("what is made small is said on the command line and kept", "[cli]") {
  const Workplace place;
  const std::string first = make_teacher(place, "first", "1"), second = make_teacher(place, "second", "2");
  place.train({"--steps",
               "8",
               "--loss",
               "l2svm",
               "--class-weights",
               "balanced",
               "--mixup",
               "0.4",
               "--cutmix",
               "1",
               "--mix-until",
               "0.5",
               "--teacher",
               first,
               "--teacher",
               second,
               "--distill-weight",
               "0.5",
               "--distill-temperature",
               "2"});
  const mien::Json options = options_of(place);
  CHECK(options.at("loss").as_string() == "l2svm");
  CHECK(options.at("class_weights").as_string() == "balanced");
  CHECK(options.at("mix").at("mixup").as_number() == 0.4);
  CHECK(options.at("mix").at("cutmix").as_number() == 1.0);
  CHECK(options.at("mix").at("until").as_number() == 0.5);
  CHECK(options.at("schedule").at("total_steps").as_integer() == 8);
  const mien::Json& distillation = options.at("distillation");
  REQUIRE(distillation.at("teachers").as_array().size() == 2);
  CHECK(distillation.at("teachers").as_array()[0].at("path").as_string() == first);
  CHECK(distillation.at("teachers").as_array()[1].at("path").as_string() == second);
  CHECK(distillation.at("weight").as_number() == 0.5);
  CHECK(distillation.at("temperature").as_number() == 2.0);
  CHECK(options.at("guard").as_bool());
}

TEST_CASE("a run that says nothing of it is softmax of labels, guarded", "[cli]") {
  const Workplace place;
  place.train();
  const mien::Json options = options_of(place);
  CHECK(options.at("loss").as_string() == "softmax");
  CHECK(options.at("class_weights").as_string() == "none");
  CHECK(options.at("mix").at("mixup").as_number() == 0.0);
  CHECK(options.at("mix").at("until").as_number() == 1.0);
  CHECK(options.at("distillation").at("teachers").as_array().empty());
  CHECK(options.at("distillation").at("weight").as_number() == 0.7);
  CHECK(options.at("distillation").at("temperature").as_number() == 4.0);
  CHECK(options.at("guard").as_bool());
}

TEST_CASE("a mixed and taught run goes on after a resume as if it had not stopped", "[cli]") {
  const Workplace place;
  const std::string teacher = make_teacher(place, "teacher", "1");
  const auto start = [&](const std::string& out, const std::string& steps) {
    return fertrain({"--csv", place / "faces.csv", "--model", place / "tiny.spec", "--out", place / out,
                     "--batch", "4", "--lr", "0.01", "--steps", steps, "--mixup", "0.4", "--cutmix", "1",
                     "--teacher", teacher});
  };
  REQUIRE(start("whole", "16").exit_code == 0);
  REQUIRE(start("cut", "10").exit_code == 0);
  const ProgramResult resumed = fertrain({"--resume", place / "cut", "--steps", "16"});
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  const auto whole = mien::model::SafetensorsFile::open(place.path() / "whole/last.safetensors");
  const auto cut = mien::model::SafetensorsFile::open(place.path() / "cut/last.safetensors");
  REQUIRE(whole.tensors().size() == cut.tensors().size());
  for (std::size_t i = 0; i < whole.tensors().size(); ++i) {
    INFO(whole.tensors()[i].name);
    CHECK(std::equal(whole.tensors()[i].bytes.begin(), whole.tensors()[i].bytes.end(),
                     cut.tensors()[i].bytes.begin(), cut.tensors()[i].bytes.end()));
  }

  // A teacher may have moved.
  const std::string moved = place / "moved.safetensors";
  std::filesystem::rename(teacher, moved);
  CHECK(fertrain({"--resume", place / "cut", "--steps", "18"}).exit_code == 3);
  const ProgramResult found = fertrain({"--resume", place / "cut", "--steps", "18", "--teacher", moved});
  INFO(found.err);
  CHECK(found.exit_code == 0);
  CHECK(fertrain({"--resume", place / "cut", "--steps", "20"}).exit_code ==
        0);  // which is where it is from now on

  // Another one is none to go on with, whatever it is called.
  std::filesystem::copy_file(make_teacher(place, "other", "2"), moved,
                             std::filesystem::copy_options::overwrite_existing);
  const ProgramResult changed = fertrain({"--resume", place / "cut", "--steps", "22"});
  CHECK(changed.exit_code == 3);
  CHECK(changed.err == moved + ": not the teacher this run began with\n");
  const ProgramResult given = fertrain({"--resume", place / "cut", "--steps", "22", "--teacher", moved});
  CHECK(given.exit_code == 2);
  CHECK(given.err == "--teacher " + moved + ": not a teacher of the run being resumed\n");
}

TEST_CASE("what a run computes is fixed once it has begun", "[cli]") {
  const Workplace place;
  place.train();
  for (const mien::train::OptionRow& row : mien::train::option_rows()) {
    const std::string value = mien::train::option_text(mien::train::recipe("paper"), row.flag);
    const ProgramResult result = fertrain({"--resume", place / "run", row.flag, value});
    CHECK(result.exit_code == 2);
    CHECK(result.err == row.flag + " is fixed by the run being resumed; leave it out\n");
  }
  const std::string best = place / "run/best.safetensors";
  const ProgramResult teacher = fertrain({"--resume", place / "run", "--teacher", best});
  CHECK(teacher.exit_code == 2);
  CHECK(teacher.err == "--teacher " + best + ": not a teacher of the run being resumed\n");
}

TEST_CASE("objectives that cannot be are refused", "[cli]") {
  const Workplace place;
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{"--loss", "hinge"}, 2, "--loss: hinge not in {softmax,l2svm}"},
      {{"--class-weights", "even"}, 2, "--class-weights: even not in {none,balanced}"},
      {{"--guard", "no"}, 2, "--guard: no not in {on,off}"},
      {{"--mixup", "-1"}, 2, "--mixup"},
      {{"--mixup", "1", "--mix-until", "2"}, 2, "--mix-until"},
      {{"--mix-until", "0.5"}, 2, "--mix-until requires --mixup or --cutmix\n"},
      {{"--degrade", "0.5"}, 2, "--degrade requires --blur, --shrink, --noise or --jpeg\n"},
      {{"--noise", "5", "--degrade", "1.5"}, 2, "--degrade"},
      {{"--distill-weight", "0.5"}, 2, "--distill-weight requires --teacher\n"},
      {{"--distill-temperature", "2"}, 2, "--distill-temperature requires --teacher\n"},
      {{"--teacher-views", "2"}, 2, "--teacher-views requires --teacher\n"},
      {{"--recipe", "literal", "--loss", "l2svm"}, 2, "there is none of l2svm\n"},
      {{"--teacher", place / "none.safetensors"}, 3, place / "none.safetensors: No such file or directory"},
      {{"--teacher", place / "faces.csv"}, 3, place / "faces.csv: "},
  };
  for (const Case& c : cases) {
    const ProgramResult result = fertrain(place.training() + c.arguments);
    INFO(c.message << " <- " << result.err);
    CHECK(result.exit_code == c.exit_code);
    CHECK(contains(result.err, c.message));
    CHECK_FALSE(place.has("run/last.safetensors"));
  }
}

TEST_CASE("the literal loss breaks where its twin from log-softmax does not", "[cli]") {
  const Workplace broken, whole;
  CHECK(fertrain(literal(broken, "literal")).exit_code == 4);
  const ProgramResult stable = fertrain(literal(whole, "literal-stable"));
  INFO(stable.err);
  CHECK(stable.exit_code == 0);
  CHECK(options_of(whole).at("loss_form").as_string() == "fused");
  CHECK(options_of(whole).at("loss_reduction").as_string() == "sum");
  CHECK(gives_finite_output(whole / "run/last.safetensors"));
}

TEST_CASE("an unguarded run goes on through NaN, says so, and keeps what is finite", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(literal(place, "literal") + std::vector<std::string>{"--guard", "off"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(contains(result.err, "training loss nan accuracy "));
  CHECK(contains(result.err, "validation loss nan accuracy 14.29 %"));  // one of seven, all taken for class 0
  CHECK(contains(read_text(place / "run/log.txt"), "training loss nan accuracy "));
  CHECK(contains(read_text(place / "run/log.txt"), "\nrun complete\n"));
  const auto metrics = csv_of(read_text(place / "run/metrics.csv"));
  REQUIRE(metrics.size() == 1 + 6);
  CHECK(metrics.back()[0] == "60");
  CHECK(metrics.back()[2] == "nan");
  CHECK(metrics.back()[4] == "nan");
  const std::string svg = read_text(place / "run/metrics.svg");
  CHECK(contains(svg, "</svg>"));
  for (const char* text : {"nan", "inf", "NaN"}) CHECK_FALSE(contains(svg, text));

  CHECK(gives_finite_output(place / "run/last.safetensors"));
  CHECK(gives_finite_output(place / "run/best.safetensors"));
  CHECK(contains(result.out, "PublicTest accuracy "));
  CHECK(checkpoint_of(place / "run").at("steps").as_integer() < 60);
  CHECK_FALSE(options_of(place).at("guard").as_bool());
  // It can be shown once more, from there.
  const ProgramResult again = fertrain({"--resume", place / "run"});
  INFO(again.err);
  CHECK(again.exit_code == 0);
  CHECK(csv_of(read_text(place / "run/metrics.csv")).back()[2] == "nan");
}

TEST_CASE("an unguarded run keeps no checkpoint that cannot be resumed", "[cli]") {
  const Workplace place;
  // Outputs stay finite, Adam's second moments do not.
  const ProgramResult result =
      fertrain({"--csv", place / "faces.csv", "--model", place / "tiny.spec", "--out", place / "run", "--batch",
                "4", "--guard", "off", "--loss", "l2svm", "--lr", "1e6", "--steps", "40", "--eval-every", "5"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const ProgramResult again = fertrain({"--resume", place / "run"});
  INFO(again.err);
  CHECK(again.exit_code == 0);
}

TEST_CASE("an unguarded run that never had finite outputs says that there are no weights", "[cli]") {
  const Workplace place;
  const ProgramResult result =
      fertrain({"--csv", place / "faces.csv", "--model", place / "tiny.spec", "--out", place / "run", "--batch",
                "4", "--steps", "6", "--optimizer", "sgd", "--lr", "1e30", "--guard", "off"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(result.out == place / "run" + "\n");
  CHECK(contains(result.err, "no best.safetensors: it was taken away, or no evaluation's weights "));
  CHECK_FALSE(place.has("run/best.safetensors"));
  CHECK_FALSE(place.has("run/report.json"));
  CHECK(csv_of(read_text(place / "run/metrics.csv")).size() == 1 + 2);
  CHECK(checkpoint_of(place / "run").at("steps").as_integer() == 0);
}

TEST_CASE("a teacher and a start may be a run's folder, and a teacher a model that comes along", "[cli]") {
  const Workplace place;
  const std::string file = make_teacher(place, "other", "1");
  place.train({"--steps", "2", "--teacher", place / "other", "--teacher", "small", "--start", place / "other"});
  const mien::Json arguments = json_of(read_text(place / "run/args.json"));
  CHECK(arguments.at("start").at("path").as_string() == file);
  const mien::Json& teachers = arguments.at("options").at("distillation").at("teachers");
  CHECK(teachers.as_array().at(0).at("path").as_string() == file);
  CHECK(teachers.as_array().at(1).at("path").as_string().ends_with("models/small.safetensors"));
}
