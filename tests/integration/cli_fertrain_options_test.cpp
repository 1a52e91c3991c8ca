// fertrain's options: the help, what is refused, and options from files.
#include "cli.hpp"

using namespace mien::test;

TEST_CASE("fertrain --help lists every option with its default and the exit codes", "[cli]") {
  const ProgramResult help = fertrain({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(help.err.empty());
  const std::pair<const char*, const char*> defaults[] = {{"--model", "default: paper;"},
                                                          {"--recipe", "default: paper;"},
                                                          {"--epochs", "default: 10]"},
                                                          {"--steps", "default: 0]"},
                                                          {"--batch", "1 to 65536"},
                                                          {"--lr", "FLOAT"},
                                                          {"--optimizer", "adam|adamw|sgd"},
                                                          {"--momentum", "default: 0.9]"},
                                                          {"--weight-decay", "FLOAT"},
                                                          {"--label-smoothing", "FLOAT"},
                                                          {"--schedule", "plateau"},
                                                          {"--warmup", "UINT"},
                                                          {"--loss", "default: softmax]"},
                                                          {"--class-weights", "default: none]"},
                                                          {"--mixup", "default: 0]"},
                                                          {"--cutmix", "default: 0]"},
                                                          {"--mix-until", "default: 1]"},
                                                          {"--teacher", ""},
                                                          {"--distill-weight", "default: 0.7]"},
                                                          {"--distill-temperature", "default: 4]"},
                                                          {"--guard", "default: on]"},
                                                          {"--drop-every", "default: 0]"},
                                                          {"--drop-factor", "default: 0.1]"},
                                                          {"--plateau-patience", "default: 5]"},
                                                          {"--seed", "default: 0]"},
                                                          {"--threads", "default: 0]"},
                                                          {"--time-limit", "default: 0]"},
                                                          {"--patience", "default: 0]"},
                                                          {"--eval-every", "default: 0]"},
                                                          {"--out", "default: runs/MODEL-DATE-TIME"},
                                                          {"--mirror", "0 to 1"},
                                                          {"--crop", "default: 0]"},
                                                          {"--gamma", "best 0.3"},
                                                          {"--blur", "best 1.5"},
                                                          {"--shrink", "best 20"},
                                                          {"--noise", "best 14"},
                                                          {"--jpeg", "best 30"},
                                                          {"--degrade", "default: 0.5]"},
                                                          {"--per-pixel", "default: on]"},
                                                          {"--init", ""}};
  for (const auto& [option, value] : defaults) {
    INFO(option);
    CHECK(contains(help_of(help.out, option), value));
  }
  for (const char* option : {"--csv", "--data", "--size", "--channels", "--labels", "--resume", "--compare",
                             "--config", "--drop-leaks", "--allow-absent-classes", "--onnx", "--dry-run",
                             "--quiet", "--version", "-h, --help"}) {
    CHECK(contains(help.out, std::string("\n  ") + option + " "));
  }
  CHECK(contains(help_of(help.out, "--mirror"), "default: the recipe's (paper 0, few 0.5, best 0.5)"));
  CHECK(contains(help_of(help.out, "--lr"),
                 "(paper 1e-04, few 0.001, best 0.05 or, without batch normalization, 3e-04)"));
  CHECK(contains(help.out, "Exit codes: 0 done, 2 wrong usage, 3 "));
}

TEST_CASE("fertrain --version prints one line", "[cli]") {
  const ProgramResult version = fertrain({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.out.starts_with("fertrain 0."));
  CHECK(std::count(version.out.begin(), version.out.end(), '\n') == 1);
}

TEST_CASE("fertrain refuses options it cannot carry out with exit code 2", "[cli]") {
  const Workplace place;
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  const std::vector<Case> cases = {
      {place.training() + std::vector<std::string>{"--color", "blue"}, "--color"},
      {{"--epochs", "1"}, "--csv is required"},
      {place.training() + std::vector<std::string>{"--optimizer", "magic"},
       "--optimizer: magic not in {adam,adamw,sgd}"},
      {place.training() + std::vector<std::string>{"--batch", "0"}, "--batch: Value 0 not in range"},
      {{"--csv", place / "faces.csv", "--lr", "fast"}, "--lr"},
      {{"--csv", place / "faces.csv", "--lr", "-1"}, "--lr: expected a number of at least 0, got `-1`"},
      {{"--csv", place / "faces.csv", "--weight-decay", "nan"},
       "--weight-decay: expected a number of at least 0, got `nan`"},
      {place.training() + std::vector<std::string>{"--epochs", "0"}, "neither steps nor epochs are given"},
      {place.training() + std::vector<std::string>{"--optimizer", "sgd", "--moments", "bf16"},
       "--moments bf16 requires --optimizer adam or adamw"},
      {place.training() + std::vector<std::string>{"--momentum", "0.5"}, "--momentum requires --optimizer sgd"},
      {place.training() + std::vector<std::string>{"--drop-every", "5"},
       "--drop-every requires --schedule step"},
      {place.training() + std::vector<std::string>{"--schedule", "cosine", "--drop-factor", "0.5"},
       "--drop-factor requires --schedule step or plateau"},
      {place.training() + std::vector<std::string>{"--plateau-patience", "2"},
       "--plateau-patience requires --schedule plateau"},
      {place.training() + std::vector<std::string>{"--recipe", "literal", "--label-smoothing", "0.1"},
       "the literal recipe's form of the loss takes no label smoothing"},
      {place.training() + std::vector<std::string>{"--time-limit", "soon"},
       "--time-limit: expected a time such as 90s, 30m or 1h30m, got `soon`"},
      {place.training() + std::vector<std::string>{"--time-limit", "1h30"},
       "--time-limit: expected a time such as"},
      {place.training() + std::vector<std::string>{"--time-limit", "30m1h"},
       "--time-limit: expected a time such as"},
      {place.training() + std::vector<std::string>{"--patience", "18446744073709551615"}, "--patience: Value"},
      {place.training() + std::vector<std::string>{"--eval-every", "18446744073709551615"},
       "--eval-every: Value"},
      {place.training() + std::vector<std::string>{"--label-smoothing", "nan"},
       "--label-smoothing: expected a number from 0 to 0.9, got `nan`"},
      {place.training() + std::vector<std::string>{"--start", ""}, "--start: expected a name"},
      {{"--resume="}, "--resume= expects a value behind the ="},
      {{"--csv", "x", "--epochs", "--out", "y"}, "--epochs expects a value, and --out is an option"},
      {{"--csv", "--epochs=3"}, "--csv expects a value, and --epochs is an option"},
      {place.training() + std::vector<std::string>{"--start", "m.safetensors", "--init", "he"},
       "--init requires random weights, and --start gives others"},
      {{"--csv", place / "faces.csv", "--model", place.write("pooled.spec", "conv 7 5\nglobalpool\n"),
        "--dropout", "0.5"},
       "--dropout requires a network with dense layers"},
  };
  for (const Case& c : cases) {
    const ProgramResult result = fertrain(c.arguments);
    INFO(c.message << " <- " << result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, c.message));
    CHECK(result.out.empty());
    CHECK_FALSE(place.has("run/last.safetensors"));
  }
}

TEST_CASE("fertrain names a spec file that is not there and exits with 3", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain({"--csv", place / "faces.csv", "--model", place / "none.spec"});
  CHECK(result.exit_code == 3);
  CHECK(contains(
      result.err,
      place / "none.spec: no file of that name, and no network: paper, small, large, faces, points\n"));
}

TEST_CASE("fertrain refuses a name that no model can have before it trains", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(
      {"--csv", place / "faces.csv", "--model", place.write("a\tb.spec", kTinySpec), "--out", place / "run"});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "[write_model] name \"a\\x09b\" is not printable"));
  CHECK_FALSE(contains(result.err, "epoch 1"));
}

TEST_CASE("fertrain --config takes a file with a byte order mark and names UTF-16", "[cli]") {
  const Workplace place;
  place.write("run.ini",
              "\xef\xbb\xbf"
              "seed = 17\nclasses = angry,disgust,fear,happy,sad,surprise,neutral\n");
  const std::vector<std::string> dry{"--config", place / "run.ini", "--steps", "1", "--dry-run"};
  const ProgramResult marked = fertrain(place.training() + dry);
  INFO(marked.err);
  CHECK(marked.exit_code == 0);
  CHECK(contains(marked.out, "seed 17,"));
  place.write("run.ini", std::string_view("\xff\xfes\0", 4));
  const ProgramResult wide = fertrain(place.training() + dry);
  CHECK(wide.exit_code == 2);
  CHECK(contains(wide.err,
                 "--config " + place / "run.ini" + ": the file: the text is UTF-16, save it as UTF-8\n"));
}

TEST_CASE("fertrain --config reads options from a file, and the command line goes before it", "[cli]") {
  const Workplace place;
  const std::string config =
      place.write("run.ini", "steps=3\nseed=17\nweight-decay=0.25\noptimizer=\"adamw\"\n");
  const ProgramResult result =
      fertrain(place.training() + std::vector<std::string>{"--config", config, "--seed", "18"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const mien::Json args = json_of(read_text(place / "run/args.json"));
  CHECK(args.at("limits").at("steps").as_integer() == 3);
  CHECK(args.at("limits").at("epochs").as_integer() == 0);
  CHECK(args.at("options").at("weight_decay").as_number() == 0.25);
  CHECK(args.at("options").at("optimizer").as_string() == "adamw");
  CHECK(args.at("options").at("seed").as_string() == "18");

  const Workplace other;
  other.write("run.ini", "stepps=3\n");
  const ProgramResult misspelt =
      fertrain(other.training() + std::vector<std::string>{"--config", other / "run.ini"});
  CHECK(misspelt.exit_code == 2);
  CHECK(contains(misspelt.err, "--config " + other / "run.ini" + ": "));
  CHECK(contains(misspelt.err, "stepps"));
  const ProgramResult missing =
      fertrain(other.training() + std::vector<std::string>{"--config", other / "none.ini"});
  CHECK(missing.exit_code == 3);
  CHECK(contains(missing.err, other / "none.ini"));
  CHECK_FALSE(other.has("run/args.json"));
}

TEST_CASE("fertrain refuses an unknown MIEN_ISA with exit code 2", "[cli]") {
  const Workplace place;
  const ProgramResult result =
      fertrain(place.training() + std::vector<std::string>{"--steps", "1"}, {.environment = {"MIEN_ISA=mmx"}});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "[MIEN_ISA] expected base, neon, avx2, avx512, avx512bf16 or amx, got `mmx`"));
}
