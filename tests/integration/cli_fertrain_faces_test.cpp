// fertrain --faces: training to find faces in photos.
#include "cli.hpp"
#include "mien/image/decode.hpp"
#include "support/drawn_photos.hpp"

namespace {

using namespace mien::test;

// A manifest with 184 photos of a drawn face each, four of which are held out, and four of patterns.
const std::filesystem::path& photo_folder() {
  static const TemporaryFolder folder;
  static const bool written = [] {
    std::string manifest = "#photo\n";
    const auto add = [&](const mien::data::FacePhoto& photo) {
      write_pgm(folder / photo.name, photo.image);
      for (const auto& face : photo.faces) manifest += manifest_line(photo.name, photo.image, face) + "\n";
    };
    for (std::uint64_t i = 0; i < 184; ++i) add(drawn_photo(i));
    for (std::uint64_t i = 0; i < 4; ++i) add(pattern_photo(i));
    mien::write_file_atomically(folder / "faces.tsv", manifest);
    return true;
  }();
  (void)written;
  return folder.path();
}

std::string manifest() {
  return (photo_folder() / "faces.tsv").string();
}

// faces.csv as everywhere, and a narrow network in detector.spec.
struct FaceWorkplace : Workplace {
  FaceWorkplace() { write("detector.spec", kNarrowDetector); }

  std::vector<std::string> learning(const std::string& out = "run") const {
    return {"--faces",   manifest(),  "--model",  *this / "detector.spec",
            "--out",     *this / out, "--batch",  "2",
            "--threads", "1",         "--warmup", "1",
            "--lr",      "0.003"};
  }
};

std::vector<std::byte> tensors_of(const std::filesystem::path& path) {
  std::vector<std::byte> all;
  const auto file = mien::model::SafetensorsFile::open(path);
  for (const auto& tensor : file.tensors()) all.insert(all.end(), tensor.bytes.begin(), tensor.bytes.end());
  return all;
}

}  // namespace

TEST_CASE("fertrain --faces leaves a run's files, and goes on with the same photos alone", "[cli]") {
  const FaceWorkplace place;
  const ProgramResult whole = fertrain(place.learning("whole") + std::vector<std::string>{"--steps", "5"});
  INFO(whole.err);
  REQUIRE(whole.exit_code == 0);
  CHECK(names_in(place / "whole") ==
        std::vector<std::string>{".lock", "args.json", "best.safetensors", "last.safetensors", "log.txt",
                                 "metrics.csv", "metrics.svg", "report.html", "report.json", "samples.png"});
  CHECK(contains(whole.err,
                 "184 faces in 184 photos, 4 photos without\n184 photos to learn from, 4 to validate on\n"));
  CHECK(contains(whole.out, "of 4), average precision "));
  CHECK(contains(whole.out, "best.safetensors of step 5\n"));
  // What comes next is for a network of labels.
  CHECK_FALSE(contains(whole.err, "--calibrate"));

  const mien::Json args = json_of(read_text(place / "whole/args.json"));
  CHECK(args.at("recipe").as_string() == "faces");
  CHECK(args.at("options").at("task").as_string() == "faces");
  CHECK(args.at("options").at("model_name").as_string() == "detector");
  CHECK(args.at("data").at("path").as_string() == manifest());
  CHECK(args.at("data").at("rows").at("PublicTest").as_integer() == 4);
  CHECK(args.at("data").at("rows").at("PrivateTest").as_integer() == 0);
  CHECK(args.at("data").at("trained_on").as_integer() == 184);
  const mien::Json measured = json_of(read_text(place / "whole/report.json"));
  CHECK(measured.at("faces").as_integer() == 4);
  CHECK(measured.at("photos_without_faces").as_integer() == 0);
  CHECK(measured.at("min_score").as_number() == 0.5);
  const mien::image::GrayImage samples = mien::image::read_gray(place / "whole/samples.png");
  CHECK(samples.width > 4 * 2 * 160);
  const auto model = mien::model::read_model(std::filesystem::path(place / "whole/best.safetensors"));
  CHECK(model.face_grid.has_value());
  CHECK(model.labels.empty());

  REQUIRE(fertrain(place.learning("cut") + std::vector<std::string>{"--steps", "3"}).exit_code == 0);
  CHECK(tensors_of(place / "cut/last.safetensors") != tensors_of(place / "whole/last.safetensors"));
  const ProgramResult resumed = fertrain({"--resume", place / "cut", "--steps", "5", "--threads", "2"});
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  CHECK(checkpoint_of(place / "cut").at("steps").as_integer() == 5);
  CHECK(contains(read_text(place / "cut/log.txt"), "\nresumed at step 3, 2 threads, "));

  // The very photos are needed, wherever they lie, and no others.
  const ProgramResult csv = fertrain({"--resume", place / "cut", "--csv", place / "faces.csv", "--steps", "6"});
  CHECK(csv.exit_code == 2);
  CHECK(csv.err == "--csv: the run being resumed is on photos, --faces\n");
  write_pgm(place / "other/a.pgm", gray_photo(64, 64));
  const std::string other =
      place.write("other/faces.tsv", manifest_line("a.pgm", gray_photo(64, 64), {2, 3, 40, 40, kNoPoints}));
  const ProgramResult others = fertrain({"--resume", place / "cut", "--faces", other, "--steps", "6"});
  CHECK(others.exit_code == 3);
  CHECK(contains(others.err, "faces.tsv: not the data this run was trained on"));
  const ProgramResult recipe = fertrain({"--resume", place / "cut", "--recipe", "faces"});
  CHECK(recipe.exit_code == 2);
  CHECK(recipe.err == "--recipe is fixed by the run being resumed; leave it out\n");
  CHECK(fertrain({"--resume", place / "cut", "--faces", manifest(), "--steps", "6"}).exit_code == 0);
}

TEST_CASE("two sittings of fertrain --faces are one, bit for bit", "[cli]") {
  const FaceWorkplace place;
  const std::vector<std::string> constant = {"--schedule", "constant", "--eval-every", "100"};
  REQUIRE(fertrain(place.learning("whole") + constant + std::vector<std::string>{"--steps", "6"}).exit_code ==
          0);
  REQUIRE(fertrain(place.learning("cut") + constant + std::vector<std::string>{"--steps", "3"}).exit_code == 0);
  REQUIRE(fertrain({"--resume", place / "cut", "--steps", "6", "--threads", "2"}).exit_code == 0);
  CHECK(tensors_of(place / "cut/last.safetensors") == tensors_of(place / "whole/last.safetensors"));
}

TEST_CASE("fertrain --recipe points trains a network that looks at one face, and goes on with it", "[cli]") {
  const FaceWorkplace place;
  const ProgramResult result = fertrain({"--faces", manifest(), "--recipe", "points", "--out", place / "run",
                                         "--batch", "2", "--steps", "2", "--warmup", "1"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(result.out == place / "run" + "\n");
  CHECK_FALSE(place.has("run/report.json"));  // which is about what is found in photos
  CHECK(place.has("run/best.safetensors"));
  CHECK_FALSE(contains(result.err, "to predict"));
  const ProgramResult resumed = fertrain({"--resume", place / "run", "--steps", "3"});
  INFO(resumed.err);
  CHECK(resumed.exit_code == 0);
  const ProgramResult other = fertrain({"--faces", manifest(), "--recipe", "points", "--model",
                                        place / "detector.spec", "--out", place / "other", "--steps", "1"});
  CHECK(other.exit_code == 2);
  CHECK(contains(other.err, "[face task] the network: output 1 is 1x6x6, expected 1x1x1"));
}

TEST_CASE("a run on images of faces is not resumed on photos", "[cli]") {
  const Workplace place;
  place.train();
  const ProgramResult result = fertrain({"--resume", place / "run", "--faces", manifest()});
  CHECK(result.exit_code == 2);
  CHECK(result.err == "--faces: the run being resumed is on images of faces, --csv\n");
}

TEST_CASE("fertrain --faces --dry-run says what would be done and writes nothing", "[cli]") {
  const FaceWorkplace place;
  const ProgramResult result =
      fertrain(place.learning() + std::vector<std::string>{"--dry-run", "--epochs", "2"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  INFO(result.out);
  CHECK(contains(result.out, "data " + manifest() + ", 23 steps an epoch, 46 steps in all, batch 2, seed 0, "));
  CHECK(contains(result.out, "upsample"));
  CHECK_FALSE(place.has("run"));
  const ProgramResult usual =
      fertrain({"--faces", manifest(), "--dry-run", "--recipe", "faces", "--time-limit", "1m"});
  INFO(usual.err);
  CHECK(usual.exit_code == 0);
  CHECK(contains(usual.out, "as many steps as the time allows, batch 16, "));
}

TEST_CASE("fertrain --faces refuses what goes with labels alone", "[cli]") {
  const FaceWorkplace place;
  struct Case {
    std::vector<std::string> options;
    std::string error;
  };
  for (const Case& c : {
           Case{{"--recipe", "best"}, "--faces goes with --recipe faces or points alone"},
           Case{{"--classes", "happy"}, "--classes requires --csv or --data"},
           Case{{"--drop-leaks"}, "--drop-leaks requires --csv"},
           Case{{"--allow-absent-classes"}, "--allow-absent-classes requires --csv"},
           Case{{"--dropout", "0.5"}, "--dropout requires a network with dense layers"},
           Case{{"--onnx"}, "--onnx writes networks that tell expressions apart alone"},
           Case{{"--mixup", "0.2"}, "[face task] no mixup or cutmix: faces have no labels to be mixed"},
           Case{{"--shift", "0.1"}, "[face task] faces are placed and sized anew each time"},
           Case{{"--label-smoothing", "0.1"},
                "[face task] the loss is the one of faces: no l2svm, class weights or label smoothing"},
       }) {
    const ProgramResult result =
        fertrain(place.learning() + c.options + std::vector<std::string>{"--steps", "1"});
    INFO(c.error);
    CHECK(result.exit_code == 2);
    CHECK(result.err.ends_with(c.error + "\n"));
    CHECK_FALSE(place.has("run/last.safetensors"));
    std::filesystem::remove_all(place / "run");
  }
  const ProgramResult both =
      fertrain(place.learning() + std::vector<std::string>{"--csv", place / "faces.csv"});
  CHECK(both.exit_code == 2);
  CHECK(contains(both.err, "--csv"));
  CHECK(contains(both.err, "--faces"));
  for (const auto& words : {std::vector<std::string>{"--recipe", "faces"},
                            std::vector<std::string>{"--recipe", "faces", "--csv", place / "faces.csv"}}) {
    const ProgramResult alone = fertrain(words);
    CHECK(alone.exit_code == 2);
    CHECK(alone.err == "--recipe faces needs --faces\n");
  }
  std::vector<std::string> small = place.learning();
  *std::find(small.begin(), small.end(), place / "detector.spec") = "small";
  const ProgramResult labels = fertrain(small);
  CHECK(labels.exit_code == 2);
  CHECK(contains(labels.err, "[face task] the network: expected the outputs score, box and points"));
}

TEST_CASE("a run's folder is not to be among the photos it learns from", "[cli]") {
  const FaceWorkplace place;
  write_pgm(place / "photos/a/a.pgm", gray_photo(64, 64));
  const std::string marks = place.write(
      "photos/faces.tsv", manifest_line("a/a.pgm", gray_photo(64, 64), {2, 3, 40, 40, kNoPoints}) + "\n");
  std::vector<std::string> arguments =
      place.learning("photos/b/../run") + std::vector<std::string>{"--steps", "2"};
  *std::find(arguments.begin(), arguments.end(), manifest()) = marks;
  const ProgramResult result = fertrain(arguments);
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "among the photos, whose folder is "));
  CHECK_FALSE(place.has("photos/run"));

  // One photo validates nothing, and holds nothing up.
  *std::find(arguments.begin(), arguments.end(), place / "photos/b/../run") = place / "photos-run";
  const ProgramResult apart = fertrain(arguments);
  INFO(apart.err);
  CHECK(apart.exit_code == 0);
  CHECK_FALSE(place.has("photos-run/report.json"));
  for (const auto& [option, value] : {std::pair{"--patience", "3"}, std::pair{"--schedule", "plateau"}}) {
    std::filesystem::remove_all(place / "photos-run");
    const ProgramResult refused = fertrain(arguments + std::vector<std::string>{option, value});
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.err, " requires photos to validate on, and " + marks + " names too few for that"));
  }
}

TEST_CASE("a manifest that cannot be read is named", "[cli]") {
  const FaceWorkplace place;
  std::vector<std::string> arguments = place.learning();
  std::filesystem::create_directory(place / "photos");
  *std::find(arguments.begin(), arguments.end(), manifest()) = place.write("photos/faces.tsv", "a.png\t1\n");
  const ProgramResult result = fertrain(arguments);
  CHECK(result.exit_code == 3);
  CHECK(result.err == place / "photos/faces.tsv" + ":1: expected 17 fields with tabs between them, found 2\n");
}
