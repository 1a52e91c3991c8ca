// fertrain and ferpredict on pictures of any classes.
#include "cli.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/png.hpp"

namespace {

using namespace mien::test;

/// Bright red, green and blue pictures, darker ones each time.
class Colors : public TemporaryFolder {
 public:
  explicit Colors(mien::Index width = 16, mien::Index height = 16) {
    for (const char* split : {"train", "val"}) {
      for (const char* name : {"red", "green", "blue"}) {
        for (int i = 0; i < 6; ++i) add(std::string(split) + "/" + name, i, width, height);
      }
    }
    mien::write_file_atomically(path() / "tiny.spec",
                                "input 3 16 16 | conv 4 3 same stride 2 | relu | dense 3");
  }
  std::string operator/(const std::string& name) const { return (path() / name).string(); }
  std::filesystem::path pictures() const { return path() / "pictures"; }
  std::vector<std::string> training(const std::string& model) const {
    return {"--data", pictures().string(), "--model", model, "--out", *this / "run", "--threads", "1"};
  }

 private:
  void add(const std::string& folder, int number, mien::Index width, mien::Index height) const {
    const std::string name = folder.substr(folder.find('/') + 1);
    const std::size_t channel = name == "red" ? 0 : name == "green" ? 1 : 2;
    std::filesystem::create_directories(pictures() / folder);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(3 * width * height), 20);
    for (std::size_t i = channel; i < pixels.size(); i += 3) {
      pixels[i] = static_cast<std::uint8_t>(250 - 10 * number - static_cast<int>(i) % 7);
    }
    mien::image::write_png(pictures() / folder / (std::to_string(number) + ".png"), width, height, 3, pixels);
  }
};

}  // namespace

TEST_CASE("fertrain --data learns colors by classes of any names, and ferpredict reads and measures them",
          "[cli]") {
  const Colors colors;
  const ProgramResult trained =
      fertrain(colors.training(colors / "tiny.spec") +
               std::vector<std::string>{"--steps", "60", "--batch", "6", "--lr", "0.01"});
  INFO(trained.err);
  REQUIRE(trained.exit_code == 0);
  CHECK(contains(trained.err, "read in color, which some images have; --channels 1 makes them gray"));
  CHECK(contains(trained.err, "60 steps are few to learn pictures from: --preset few is made for few"));
  CHECK(contains(trained.err, "--data "));  // in the command that calibrates
  const std::string model = colors / "run/best.safetensors";
  const auto file = mien::model::read_model(std::filesystem::path(model));
  CHECK(file.labels == std::vector<std::string>{"blue", "green", "red"});
  CHECK(file.whole_pictures);
  CHECK(mien::image::read_rgb(colors / "run/samples.png").width > 16);
  const mien::Json run = json_of(read_text(colors / "run/report.json"));
  CHECK(run.at("accuracy").as_number() == 1.0);

  const ProgramResult read = ferpredict({"--model", model, colors / "pictures/val/red/3.png"});
  CHECK(read.exit_code == 0);
  CHECK(contains(read.out, "3.png: read as a whole\n  red "));
  CHECK_FALSE(contains(read.out, "  \n"));
  const mien::Json measured =
      report({"--model", model, "--data", colors.pictures().string(), "--report", colors / "r.json"});
  CHECK(mien::to_json(measured.at("confusion")) == mien::to_json(run.at("confusion")));
  CHECK(measured.at("loss").as_number() == run.at("loss").as_number());
  const ProgramResult gray = ferpredict({"--model", model, "--csv", colors.pictures().string()});
  CHECK(gray.exit_code == 3);
  CHECK(contains(gray.err, "--data reads colors"));
}

TEST_CASE("networks that come along take what the data have, and say where they cannot", "[cli]") {
  const Colors colors(20, 16);
  const ProgramResult plan =
      fertrain(colors.training("small") + std::vector<std::string>{"--dry-run", "--steps", "1"});
  INFO(plan.err);
  REQUIRE(plan.exit_code == 0);
  CHECK(contains(plan.out, "3x16x20"));
  const ProgramResult small =
      fertrain(colors.training("small") + std::vector<std::string>{"--size", "8", "--steps", "1"});
  CHECK(small.exit_code == 2);
  CHECK(contains(small.err, "--model small does not take images of 3x8x8 ("));
  CHECK(contains(small.err, "); a larger --size, or a spec of your own may"));
  const ProgramResult other = fertrain(colors.training(colors / "tiny.spec"));
  CHECK(other.exit_code == 2);
  CHECK(contains(other.err, "the model takes 3x16x16 images, the data are 3x16x20"));
}

TEST_CASE("a run on any pictures is resumed on the same pictures", "[cli]") {
  const Colors colors(20, 20);
  const auto options =
      colors.training(colors / "tiny.spec") + std::vector<std::string>{"--size", "16", "--batch", "6"};
  REQUIRE(fertrain(options + std::vector<std::string>{"--steps", "2"}).exit_code == 0);
  const ProgramResult resumed = fertrain({"--resume", colors / "run", "--steps", "4"});
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  CHECK(fertrain({"--resume", colors / "run", "--size", "32"}).exit_code == 2);
}

TEST_CASE("fertrain refuses data without two classes, or a class without pictures, and sizes that are none",
          "[cli]") {
  const Colors colors;
  std::filesystem::create_directories(colors.pictures() / "train/white");
  const auto options = colors.training("small") + std::vector<std::string>{"--steps", "1"};
  const ProgramResult empty = fertrain(options);
  CHECK(empty.exit_code == 3);
  CHECK(contains(empty.err, "no Training rows of class 3 (white); --allow-absent-classes trains without it"));
  for (const char* name : {"white", "red", "green"}) {
    for (const char* split : {"train", "val"}) std::filesystem::remove_all(colors.pictures() / split / name);
  }
  const ProgramResult one = fertrain(options);
  CHECK(one.exit_code == 3);
  CHECK(contains(one.err, ": one class, blue: there is nothing to tell apart"));
  for (const char* size : {"0", "12x", "x12", "2000", "1x2x3"}) {
    CHECK(fertrain(options + std::vector<std::string>{"--size", size}).exit_code == 2);
  }
  CHECK(fertrain({"--csv", "x", "--size", "12"}).exit_code == 2);
}

TEST_CASE("fertrain --labels learns the votes of FER+, and a resumed run reads them again", "[cli]") {
  const Workplace place(faces_csv(), "input 1 48 48\nconv 4 5 same stride 4\nrelu\ndense 8\n");
  std::string votes =
      "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n";
  for (int i = 0; i < 28; ++i) {
    votes += i < 14 ? "Training" : i < 21 ? "PublicTest" : "PrivateTest";
    votes += i == 0 ? ",,0,0,0,0,0,0,0,0,10,0\n" : ",x.png,0,6,0,0,0,0,0,4,0,0\n";
  }
  const std::string file = place.write("votes.csv", votes);
  const ProgramResult result = fertrain(
      place.training() + std::vector<std::string>{"--labels", file, "--steps", "2", "--allow-absent-classes"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(contains(result.err, "left out 1 rows on whose expression too few agree"));
  const auto model = mien::model::read_model(std::filesystem::path(place / "run/best.safetensors"));
  CHECK(model.labels.back() == "contempt");
  CHECK_FALSE(model.whole_pictures);
  std::filesystem::rename(file, place / "moved.csv");
  CHECK(fertrain({"--resume", place / "run", "--steps", "4"}).exit_code == 3);
  CHECK(fertrain({"--resume", place / "run", "--labels", place / "moved.csv", "--steps", "4"}).exit_code == 0);
  place.write("votes.csv", votes.substr(0, votes.rfind(",4,0,0")) + ",3,1,0\n");
  const ProgramResult other = fertrain({"--resume", place / "run", "--steps", "6"});
  CHECK(other.exit_code == 3);
  CHECK(contains(other.err, "not the data this run was trained on"));

  // Pictures of folders and manifests are in an order of their own.
  const ProgramResult folder = fertrain({"--csv", place / "run", "--labels", file, "--out", place / "other"});
  CHECK(folder.exit_code == 2);
  CHECK(contains(folder.err, "--labels: its rows are in the order of fer2013.csv"));
  CHECK(fertrain({"--data", place / "faces.csv", "--labels", file, "--out", place / "other"}).exit_code == 2);
}
