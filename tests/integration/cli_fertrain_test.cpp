// What fertrain prints, and the files of a run.
#include "cli.hpp"
#include "mien/core/sha256.hpp"
#include "mien/image/decode.hpp"

namespace {

using namespace mien::test;

// SVG is XML; enough of a check that every element that opens closes in order.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t i = xml.find('<'); i != xml.npos; i = xml.find('<', i + 1)) {
    const std::size_t end = xml.find('>', i);
    if (end == xml.npos) return false;
    const std::string tag = xml.substr(i + 1, end - i - 1);
    if (tag.starts_with('?') || tag.starts_with('!') || tag.ends_with('/')) continue;
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (!name.starts_with('/')) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty() && contains(xml, "<svg");
}

}  // namespace

TEST_CASE("fertrain --dry-run says what it would do and writes nothing", "[cli]") {
  const Workplace place;
  const std::vector<std::string> before = names_in(place.path());
  const ProgramResult result = fertrain(
      {"--csv", "faces.csv", "--model", "tiny.spec", "--dry-run", "--batch", "5"}, {.folder = place.path()});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "conv1"));
  CHECK(contains(result.out, "data faces.csv, 2 steps an epoch, 20 steps in all, batch 5, seed 0"));
  CHECK(names_in(place.path()) == before);
  const ProgramResult one = fertrain({"--csv", place / "faces.csv", "--model", place / "tiny.spec", "--dry-run",
                                      "--batch", "14", "--steps", "1", "--threads", "1"});
  CHECK(contains(one.out, ", 1 step an epoch, 1 step in all, batch 14, seed 0, 1 thread, "));
}

TEST_CASE("a run leaves all of its files, and they parse", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(place.training() + std::vector<std::string>{"--epochs", "3"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const std::filesystem::path run = place.path() / "run";
  const std::vector<std::string> expected = {".lock",
                                             "args.json",
                                             "best.safetensors",
                                             "confusion-private.csv",
                                             "confusion-private.svg",
                                             "confusion.csv",
                                             "confusion.svg",
                                             "last.safetensors",
                                             "log.txt",
                                             "metrics.csv",
                                             "metrics.svg",
                                             "report-private.json",
                                             "report.html",
                                             "report.json",
                                             "samples.png"};
  std::vector<std::string> sorted = expected;
  std::sort(sorted.begin(), sorted.end());
  CHECK(names_in(run) == sorted);

  const mien::Json args = json_of(read_text(run / "args.json"));
  CHECK(args.at("schema").as_integer() == 1);
  CHECK(args.at("options").at("batch").as_integer() == 4);
  CHECK(args.at("limits").at("epochs").as_integer() == 3);
  CHECK(args.at("threads").as_integer() == 1);
  CHECK(args.at("command").as_array().size() == place.training().size() + 3);
  CHECK(args.at("data").at("rows").at("PrivateTest").as_integer() == 7);

  const auto metrics = csv_of(read_text(run / "metrics.csv"));
  REQUIRE(metrics.size() == 4);  // header and three epochs of 14 / 4 steps
  CHECK(metrics[0][0] == "step");
  CHECK(metrics[0].size() == 9);
  CHECK(metrics[1][0] == "3");
  CHECK(metrics[3][0] == "9");
  const auto confusion = csv_of(read_text(run / "confusion.csv"));
  CHECK(confusion.size() == 8);
  CHECK(confusion[0].size() == 8);
  for (const char* name : {"metrics.svg", "confusion.svg", "confusion-private.svg"}) {
    INFO(name);
    CHECK(well_formed(read_text(run / name)));
  }
  for (const char* name : {"report.json", "report-private.json"}) {
    const mien::Json report = json_of(read_text(run / name));
    CHECK(report.at("model").as_string() == "best.safetensors");
    CHECK(report.at("images").as_integer() == 7);
    CHECK(report.at("confusion").as_array().size() == 7);
    CHECK(report.at("accuracy").as_number() == static_cast<double>(report.at("correct").as_integer()) / 7);
  }
  const auto samples = mien::image::read_gray(run / "samples.png");
  CHECK(samples.width > 2 * 96);
  CHECK(samples.height > 7 * 96);
  CHECK(checkpoint_of(run).at("steps").as_integer() == 9);
  const std::string log = read_text(run / "log.txt");
  CHECK(contains(log, "epoch 1.00  step 3  training loss "));
  CHECK(contains(log, "\nrun complete\n"));
  CHECK(contains(log, "\nPrivateTest accuracy "));
}

TEST_CASE("stdout of a run holds its results alone, and nothing holds terminal codes", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(place.training() + std::vector<std::string>{"--steps", "6"},
                                        {.environment = {"TERM=xterm-256color"}});
  REQUIRE(result.exit_code == 0);
  CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 3);
  CHECK(result.out.starts_with("PublicTest accuracy "));
  CHECK(contains(result.out, " % ("));
  CHECK(contains(result.out, "\nPrivateTest accuracy "));
  CHECK(result.out.ends_with("\n" + place / "run" + "\n"));
  CHECK(contains(result.err, "epoch 1.00  step 3  training loss "));
  for (const std::string& text : {result.out, result.err, read_text(place / "run/log.txt")}) {
    CHECK_FALSE(contains(text, "\033"));
    CHECK(std::count(text.begin(), text.end(), '\r') == 0);
  }
}

TEST_CASE("fertrain --quiet prints nothing on stderr", "[cli]") {
  const Workplace place;
  const ProgramResult result = fertrain(place.training() + std::vector<std::string>{"--steps", "4", "--quiet"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(contains(result.out, "PublicTest accuracy "));
}

TEST_CASE("fertrain stores with the model how images are prepared", "[cli]") {
  const Workplace place;
  const std::string model = place.train({"--steps", "2", "--per-image", "center", "--per-pixel", "off"});
  const mien::model::SafetensorsFile file = mien::model::SafetensorsFile::open(model);
  CHECK(contains(file.metadata().at("mien.input"), "\"per_image\":\"center\""));
  CHECK_FALSE(file.contains("input.mean"));
  const Workplace other;
  const mien::model::SafetensorsFile plain = mien::model::SafetensorsFile::open(other.train({"--steps", "2"}));
  CHECK(contains(plain.metadata().at("mien.input"), "\"per_image\":\"norm100\""));
  CHECK(plain.contains("input.mean"));
}

TEST_CASE("fertrain --dropout goes in front of every dense layer", "[cli]") {
  const Workplace place;
  const std::string model = place.train({"--steps", "2", "--dropout", "0.25"});
  CHECK(contains(mien::model::SafetensorsFile::open(model).metadata().at("mien.spec"),
                 "| dropout 0.25 | dense 7"));
}

TEST_CASE("fertrain makes a folder of its own under runs/", "[cli]") {
  const Workplace place;
  const ProgramResult result =
      fertrain({"--csv", "faces.csv", "--model", "tiny.spec", "--steps", "1"}, {.folder = place.path()});
  REQUIRE(result.exit_code == 0);
  const std::vector<std::string> runs = names_in(place.path() / "runs");
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].starts_with("tiny-20"));
  CHECK(result.out.ends_with("\nruns/" + runs[0] + "\n"));
}

TEST_CASE("fertrain refuses a folder that holds a run already", "[cli]") {
  const Workplace place;
  place.train();
  const ProgramResult result = fertrain(place.training() + std::vector<std::string>{"--steps", "1"});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, place / "run already holds a run: --resume " + place / "run continues it"));
  // Somebody may have deleted the checkpoint, which is large, and kept the weights.
  std::filesystem::remove(place / "run/last.safetensors");
  const ProgramResult weights = fertrain(place.training() + std::vector<std::string>{"--steps", "1"});
  CHECK(weights.exit_code == 2);
  CHECK(contains(weights.err, place / "run already holds the weights of a run"));
}

TEST_CASE("a recipe's warm-up shrinks in a short run, one that is given stays", "[cli]") {
  const Workplace place;
  const auto rates = [&](const std::string& out, const std::vector<std::string>& more) {
    const ProgramResult result =
        fertrain(place.training(out) +
                 std::vector<std::string>{"--recipe", "best", "--steps", "20", "--eval-every", "1"} + more);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    std::vector<double> column;
    for (const auto& row : csv_of(read_text(place / (out + "/metrics.csv")))) {
      if (row.at(0) != "step") column.push_back(std::stod(row.at(6)));
    }
    return column;  // rates of the steps behind 1, 2, ... 20
  };
  const std::vector<double> level = rates("level", {"--schedule", "constant"});
  CHECK(level.at(0) == Approx(0.01));
  CHECK(level.at(19) == Approx(0.01));
  const std::vector<double> shrunk = rates("short", {}), given = rates("given", {"--warmup", "15"});
  CHECK(shrunk.at(0) == Approx(0.01));  // --lr, after two steps
  CHECK(shrunk.at(19) == 0);
  CHECK(given.at(1) == Approx(0.01 * 3 / 15));
  CHECK(given.at(14) == Approx(0.01));
  const ProgramResult none = fertrain(
      place.training() + std::vector<std::string>{"--recipe", "best", "--steps", "20", "--warmup", "20"});
  CHECK(none.exit_code == 2);
  CHECK(none.err == "[schedule] cosine needs more steps in all than warm-up steps, got 20 and 20\n");
}

TEST_CASE("fertrain --start begins with a model's weights, and wants its images prepared alike", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  const auto start = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> words = place.training(out);
    *std::find(words.begin(), words.end(), "0.01") = "0";  // the rate: weights stay as they are
    return fertrain(words + std::vector<std::string>{"--start", model, "--steps", "1"} + more);
  };
  REQUIRE(start("again", {}).exit_code == 0);
  CHECK(json_of(read_text(place / "again/report.json")) == json_of(read_text(place / "run/report.json")));
  const ProgramResult other = start("other", {"--per-image", "center", "--per-pixel", "off"});
  CHECK(other.exit_code == 2);
  CHECK(other.err ==
        "[start] tiny takes images prepared with per-image norm100, scale 1, per-pixel on for 2304 "
        "pixels, the options say per-image center, scale 1, per-pixel off\n");
  CHECK_FALSE(place.has("other"));

  const mien::Json from = json_of(read_text(place / "again/args.json")).at("start");
  CHECK(from.at("path").as_string() == model);
  CHECK(from.at("sha256").as_string() == mien::sha256_file_hex(model));
}

TEST_CASE("fertrain --start refuses weights that do not give their file's sample output", "[cli]") {
  const Workplace place;
  mien::model::ModelFile model = mien::model::read_model(place.train());
  mien::Tensor& damaged = model.weights.front().tensor;
  damaged = damaged.clone();
  for (mien::Index i = 0; i < damaged.size(); ++i) damaged.mutable_data()[i] += 1;
  mien::model::write_model(place / "damaged.safetensors", model);
  const ProgramResult result =
      fertrain(place.training("other") + std::vector<std::string>{"--start", place / "damaged.safetensors"});
  CHECK(result.exit_code == 3);
  CHECK(contains(result.err, "the weights do not give the file's sample output"));
}

TEST_CASE("fertrain refuses to wait for gains that nothing measures", "[cli]") {
  std::string csv = kCsvHeader;
  for (int label = 0; label < 7; ++label) csv += csv_line(label, "Training", 1);
  const Workplace place(csv);
  for (const auto& [option, value, name] : {std::tuple{"--patience", "2", "--patience"},
                                            std::tuple{"--schedule", "plateau", "--schedule plateau"}}) {
    const ProgramResult result =
        fertrain(place.training() + std::vector<std::string>{"--steps", "4", option, value});
    CHECK(result.exit_code == 2);
    CHECK(result.err ==
          std::string(name) + " requires PublicTest rows, and " + place / "faces.csv" + " has none\n");
    CHECK_FALSE(place.has("run"));
  }
  CHECK(fertrain(place.training() + std::vector<std::string>{"--steps", "4"}).exit_code == 0);
  // A limit of the resumed run's own is no reason to refuse it, one given now is.
  CHECK(fertrain({"--resume", place / "run", "--steps", "6"}).exit_code == 0);
  CHECK(fertrain({"--resume", place / "run", "--steps", "8", "--patience", "2"}).exit_code == 2);
}

TEST_CASE("fertrain --patience stops after evaluations without gain", "[cli]") {
  const Workplace place;
  std::vector<std::string> arguments = place.training();
  *std::find(arguments.begin(), arguments.end(), "0.01") = "0";  // weights that stay as they are
  const ProgramResult result =
      fertrain(arguments + std::vector<std::string>{"--epochs", "500", "--eval-every", "1", "--patience", "2"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(contains(result.err, "\nstopped by --patience\n"));
  CHECK(csv_of(read_text(place / "run/metrics.csv")).size() == 1 + 3);  // one gain, two without
  CHECK(fertrain({"--resume", place / "run"}).exit_code == 0);
  CHECK(csv_of(read_text(place / "run/metrics.csv")).size() == 1 + 3);
  // Another end is a wish to go on.
  CHECK(fertrain({"--resume", place / "run", "--epochs", "400"}).exit_code == 0);
  CHECK(csv_of(read_text(place / "run/metrics.csv")).size() == 1 + 5);
}

TEST_CASE("fertrain --time-limit stops with a checkpoint and results", "[cli]") {
  const Workplace place;
  const ProgramResult result =
      fertrain(place.training() + std::vector<std::string>{"--steps", "100000000", "--eval-every", "100000000",
                                                           "--time-limit", "1s"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(contains(result.err, "\nstopped by --time-limit\n"));
  CHECK(contains(result.out, "PublicTest accuracy "));
  CHECK(checkpoint_of(place / "run").at("steps").as_integer() > 0);
}

TEST_CASE("fertrain fails when its results cannot be printed", "[cli]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const Workplace place;
  const ProgramResult result =
      fertrain(place.training() + std::vector<std::string>{"--steps", "1"}, {.stdout_path = "/dev/full"});
  CHECK(result.exit_code == 3);
  CHECK(contains(result.err, "stdout"));
}

TEST_CASE("a preset is a network, a recipe and a length; without one fertrain says what there is", "[cli]") {
  const Workplace place;
  const std::vector<std::string> dry = {"--csv", place / "faces.csv", "--dry-run"};
  const auto plan = [&](const std::vector<std::string>& more) {
    const ProgramResult result = fertrain(dry + more);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    return result.out;
  };
  const char* hint = "; --preset small 67 % after 37 minutes on one core; --preset large ";
  const std::string usual = plan({});
  CHECK(contains(usual, hint));
  CHECK(plan({"--preset", "paper"}) + usual.substr(usual.find("of FER2013 this")) == usual);

  const std::string small = plan({"--preset", "small"});
  CHECK(small == plan({"--model", "small", "--recipe", "best", "--epochs", "40"}));
  CHECK_FALSE(contains(small, "--preset"));
  CHECK(plan({"--preset", "small", "--steps", "7"}) ==
        plan({"--model", "small", "--recipe", "best", "--steps", "7"}));
  CHECK(plan({"--preset", "few"}) == plan({"--model", "small", "--recipe", "few", "--steps", "1000"}));
  CHECK(plan({"--preset", "few", "--epochs", "2"}) ==
        plan({"--model", "small", "--recipe", "few", "--epochs", "2"}));
  CHECK(fertrain(dry + std::vector<std::string>{"--preset", "small", "--model", "large"}).exit_code == 2);
  CHECK(fertrain(dry + std::vector<std::string>{"--preset", "tiny"}).exit_code == 2);
  CHECK(fertrain({"--resume", place / "run", "--preset", "small"}).exit_code == 2);
}
