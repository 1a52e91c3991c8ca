// Which models ferpredict takes, how it puts their answers together, and what it writes into them.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cli.hpp"
#include "cli_images.hpp"
#include "mien/model/model_file.hpp"
#include "support/onnx_reader.hpp"

namespace {

using namespace mien::test;

// Two models and a face.
class Pair : public Workplace {
 public:
  Pair() : first(train()) {
    write("face.png", encoded("png", face_pixels(3, 77)));
    REQUIRE(fertrain(training("other") + std::vector<std::string>{"--steps", "6", "--seed", "5"}).exit_code ==
            0);
    std::filesystem::rename(*this / "other/best.safetensors", second);
  }
  std::string face() const { return *this / "face.png"; }

  std::string first;
  std::string second = *this / "second.safetensors";
};

std::vector<double> probabilities(const std::vector<std::string>& arguments) {
  const ProgramResult result = ferpredict(std::vector<std::string>{"--json"} + arguments);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const mien::Json document = json_of(result.out);
  const mien::Json& face = document.at("images").as_array().at(0).at("faces").as_array().at(0);
  std::vector<double> values;
  for (const mien::JsonMember& member : face.at("probabilities").as_object()) {
    values.push_back(member.value.as_number());
  }
  return values;
}

std::vector<std::uint8_t> mirrored(std::vector<std::uint8_t> pixels) {
  for (auto row = pixels.begin(); row != pixels.end(); row += 48) std::reverse(row, row + 48);
  return pixels;
}

}  // namespace

TEST_CASE("ferpredict --calibrate writes a model whose probabilities fit the rows better", "[cli]") {
  const Pair place;
  const std::string csv = place / "faces.csv", out = place / "calibrated.safetensors";
  const std::vector<std::string> measured = {"--csv", csv, "--usage", "Training"};
  const ProgramResult result = ferpredict(std::vector<std::string>{"--model", place.first} + measured +
                                          std::vector<std::string>{"--calibrate", out, "--note", "by=test"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(result.out.starts_with("Training, 14 rows"));
  const std::vector<double> temperature = numbers(result.out, "temperature"), nll = numbers(result.out, "NLL"),
                            ece = numbers(result.out, "ECE");
  CHECK(temperature.at(0) == 1);
  CHECK(temperature.at(1) != 1);
  CHECK(nll.at(1) < nll.at(0));

  // What was printed is what either model measures, and only the confidence differs.
  const mien::Json before = report(std::vector<std::string>{"--model", place.first} + measured);
  const mien::Json after = report(std::vector<std::string>{"--model", out} + measured);
  CHECK(before.at("loss").as_number() == Approx(nll.at(0)).margin(1e-4));
  CHECK(after.at("loss").as_number() == Approx(nll.at(1)).margin(1e-4));
  CHECK(before.at("ece").as_number() == Approx(ece.at(0)).margin(1e-4));
  CHECK(after.at("ece").as_number() == Approx(ece.at(1)).margin(1e-4));
  CHECK(before.at("confusion") == after.at("confusion"));
  const mien::model::ModelFile file = mien::model::read_model(out);
  CHECK(double{file.temperature} == Approx(temperature.at(1)).margin(1e-4));
  CHECK(file.notes.at("by") == "test");

  // Calibrating again changes nothing; the temperature is not applied twice.
  const ProgramResult again = ferpredict(std::vector<std::string>{"--model", out} + measured +
                                         std::vector<std::string>{"--calibrate", place / "again.safetensors"});
  CHECK(numbers(again.out, "temperature").at(0) == temperature.at(1));
  CHECK(numbers(again.out, "temperature").at(1) == Approx(temperature.at(1)).margin(2e-4));

  const ProgramResult replaced = ferpredict(std::vector<std::string>{"--model", place.first} + measured +
                                            std::vector<std::string>{"--calibrate", place.first});
  CHECK(replaced.exit_code == 2);
  CHECK(contains(replaced.err, "would replace the model it comes from"));
}

TEST_CASE("ferpredict --calibrate says where rows tell it little", "[cli]") {
  const Pair place;
  // Of a single row: with its likeliest label a lower temperature is always better, with the unlikeliest a
  // higher.
  const std::vector<double> p = probabilities({"--model", place.first, "--detector", "none", place.face()});
  const auto calibrated = [&](std::ptrdiff_t label) {
    std::string csv = "emotion,pixels\n" + std::to_string(label) + ',';
    for (const std::uint8_t pixel : face_pixels(3, 77)) csv += std::to_string(pixel) + ' ';
    place.write("row.csv", csv + '\n');
    const ProgramResult result = ferpredict({"--model", place.first, "--csv", place / "row.csv", "--usage",
                                             "all", "--calibrate", place / "to.safetensors"});
    INFO(result.err);
    CHECK(result.exit_code == 0);
    return result.err;
  };
  CHECK(contains(calibrated(std::max_element(p.begin(), p.end()) - p.begin()),
                 "the model is right about every row, which says little"));
  CHECK(contains(calibrated(std::min_element(p.begin(), p.end()) - p.begin()),
                 "the temperature is the largest that is tried"));
}

TEST_CASE("rows are measured by the names of their classes, in whatever order a model has them", "[cli]") {
  const Pair place;
  mien::model::ModelFile file = mien::model::read_model(place.first);
  file.sample_input = file.sample_output = mien::Tensor();
  const std::vector<std::size_t> order = {3, 6, 0, 1, 5, 2, 4};  // its class i is the first's class order[i]
  const std::vector<std::string> names = file.labels;
  for (std::size_t c = 0; c < 7; ++c) file.labels[c] = names[order[c]];
  for (mien::model::Weight& weight : file.weights) {
    if (!weight.name.starts_with("dense1")) continue;
    const mien::Tensor old = weight.tensor;
    weight.tensor = old.clone();
    for (mien::Index i = 0; i < old.size(); ++i) {
      weight.tensor.mutable_data()[i] =
          old.data()[i / 7 * 7 + static_cast<mien::Index>(order[static_cast<std::size_t>(i % 7)])];
    }
  }
  const std::string permuted = place / "permuted.safetensors";
  mien::model::write_model(permuted, file);
  const std::vector<std::string> measured = {"--csv", place / "faces.csv", "--usage", "Training"};
  const mien::Json mine = report(std::vector<std::string>{"--model", place.first} + measured);
  const mien::Json theirs = report(std::vector<std::string>{"--model", permuted} + measured);
  CHECK(theirs.at("accuracy").as_number() == mine.at("accuracy").as_number());
  CHECK(theirs.at("loss").as_number() == Approx(mine.at("loss").as_number()).margin(1e-5));
  for (std::size_t a = 0; a < 7; ++a) {
    for (std::size_t b = 0; b < 7; ++b) {
      const auto count = [](const mien::Json& json, std::size_t row, std::size_t column) {
        return json.at("confusion").as_array().at(row).as_array().at(column).as_integer();
      };
      CHECK(count(theirs, a, b) == count(mine, order[a], order[b]));
    }
  }
  const auto calibrated = [&](const std::string& model) {
    const ProgramResult result =
        ferpredict(std::vector<std::string>{"--model", model} + measured +
                   std::vector<std::string>{"--calibrate", place / "calibrated.safetensors"});
    REQUIRE(result.exit_code == 0);
    return numbers(result.out, "temperature").at(1);
  };
  CHECK(calibrated(permuted) == Approx(calibrated(place.first)).margin(2e-4));

  file.labels[2] = "bored";
  mien::model::write_model(permuted, file);
  const ProgramResult other = ferpredict(std::vector<std::string>{"--model", permuted} + measured);
  CHECK(other.exit_code == 3);
  CHECK(other.err ==
        permuted + ": its classes are happy, neutral, bored, disgust, surprise, fear, sad, those of " +
            place / "faces.csv" +
            " are angry, disgust, fear, happy, sad, surprise, neutral; --data takes any classes\n");
}

TEST_CASE("a temperature goes into predictions, conversions and exports", "[cli]") {
  const Pair place;
  mien::model::ModelFile file = mien::model::read_model(place.first);
  file.temperature = 2.5f;
  file.sample_input = file.sample_output = mien::Tensor();
  const std::string warm = place / "warm.safetensors";
  mien::model::write_model(warm, file);
  CHECK(contains(ferpredict({"--model", warm, "--model-info"}).out, "\ntemperature 2.5\n"));

  std::vector<double> expected = probabilities({"--model", place.first, place.face()});
  double sum = 0;
  for (double& p : expected) sum += p = std::pow(p, 1 / 2.5);
  const std::vector<double> actual = probabilities({"--model", warm, place.face()});
  for (std::size_t c = 0; c < 7; ++c) CHECK(actual[c] == Approx(expected[c] / sum).margin(1e-5));

  const std::string converted = place / "converted.safetensors";
  CHECK(ferpredict({"--model", warm, "--convert", converted, "--dtype", "bf16"}).exit_code == 0);
  CHECK(mien::model::read_model(converted).temperature == 2.5f);
  CHECK(ferpredict({"--model", converted, "--export-onnx", place / "m.onnx"}).exit_code == 0);
  CHECK(parse_onnx(read_text(place / "m.onnx")).tensors.at("temperature").values == std::vector<float>{2.5f});
}

TEST_CASE("ferpredict --tta averages over views of images and of rows", "[cli]") {
  const Pair place;
  place.write("mirror.png", encoded("png", mirrored(face_pixels(3, 77))));
  const std::vector<std::string> model = {"--model", place.first};
  const auto face = [&](const std::string& name, const std::string& tta) {
    return probabilities(model + std::vector<std::string>{"--tta", tta, place / name});
  };
  const auto one = face("face.png", "none"), other = face("mirror.png", "none");
  CHECK(one == probabilities(model + std::vector<std::string>{place.face()}));
  CHECK(one != other);
  for (std::size_t c = 0; c < 7; ++c) {
    CHECK(face("face.png", "mirror")[c] == Approx((one[c] + other[c]) / 2).margin(1e-6));
    CHECK(face("face.png", "full")[c] == Approx(face("mirror.png", "full")[c]).margin(1e-6));
  }
  CHECK(face("face.png", "full") != face("face.png", "mirror"));

  const std::vector<std::string> rows = model + std::vector<std::string>{"--csv", place / "faces.csv"};
  const mien::Json none = report(rows + std::vector<std::string>{"--tta", "none"});
  CHECK(none == report(rows));
  CHECK(none.find("tta") == nullptr);
  for (const char* tta : {"mirror", "full", "scales"}) {
    const mien::Json several = report(rows + std::vector<std::string>{"--tta", tta});
    CHECK(several.at("tta").as_string() == tta);
    CHECK(several.at("images").as_integer() == 7);
    CHECK(several.at("loss") != none.at("loss"));
  }
}

TEST_CASE("several --model are an ensemble: the mean of their probabilities", "[cli]") {
  const Pair place;
  const std::vector<std::string> both = {"--model", place.first, "--model", place.second};
  const auto a = probabilities({"--model", place.first, place.face()});
  const auto b = probabilities({"--model", place.second, place.face()});
  const auto mean = probabilities(both + std::vector<std::string>{place.face()});
  CHECK(a != b);
  for (std::size_t c = 0; c < 7; ++c) CHECK(mean[c] == Approx((a[c] + b[c]) / 2).margin(1e-6));

  const mien::Json document = report(both + std::vector<std::string>{place.face()});
  CHECK(document.at("schema").as_integer() == 1);
  CHECK(keys(document.at("model")) == std::vector<std::string>{"name", "ensemble"});
  CHECK(document.at("model").at("name").as_string() == "tiny + tiny");
  const auto& members = document.at("model").at("ensemble").as_array();
  REQUIRE(members.size() == 2);
  for (const mien::Json& member : members) {
    CHECK(keys(member) == std::vector<std::string>{"name", "sha256"});
  }
  CHECK(members[0].at("sha256") != members[1].at("sha256"));
  CHECK(report(both + std::vector<std::string>{"--csv", place / "faces.csv"}).at("model").as_string() ==
        "best.safetensors + second.safetensors");

  // Each in its own size.
  const Workplace wide(faces_csv(), "input 1 48 48\nmaxpool 2 2\ndense 7\n");
  mien::model::ModelFile half = mien::model::read_model(wide.train());
  half.spec = mien::model::ModelSpec::from_text("input 1 24 24 | dense 7");
  half.normalization.mean = half.normalization.inv_std = half.sample_input = half.sample_output =
      mien::Tensor();
  mien::model::write_model(place / "half.safetensors", half);
  const auto c = probabilities({"--model", place / "half.safetensors", place.face()});
  const auto of_both =
      probabilities({"--model", place.first, "--model", place / "half.safetensors", place.face()});
  for (std::size_t i = 0; i < 7; ++i) CHECK(of_both[i] == Approx((a[i] + c[i]) / 2).margin(1e-6));
  CHECK(report({"--model", place.first, "--model", place / "half.safetensors", "--csv", place / "faces.csv"})
            .at("images")
            .as_integer() == 7);

  const ProgramResult info = ferpredict(both + std::vector<std::string>{"--model-info"});
  CHECK(contains(info.out, "\nfile    " + place.first + "\n"));
  CHECK(contains(info.out, "\n\nmodel   tiny\nfile    " + place.second + "\n"));
}

TEST_CASE("ferpredict refuses models that do not go together, and one task for several", "[cli]") {
  const Pair place;
  mien::model::ModelFile file = mien::model::read_model(place.first);
  std::swap(file.labels[3], file.labels[4]);
  const std::string swapped = place / "swapped.safetensors";
  mien::model::write_model(swapped, file);
  const ProgramResult result = ferpredict({"--model", place.first, "--model", swapped, place.face()});
  CHECK(result.exit_code == 3);
  CHECK(result.out.empty());
  CHECK(result.err ==
        swapped + ": its labels are angry, disgust, fear, sad, happy, surprise, neutral, those of " +
            place.first +
            " are angry, disgust, fear, happy, sad, surprise, neutral; an ensemble needs the same\n");

  const std::string out = place / "out", csv = place / "faces.csv";
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  const std::vector<std::string> one = {"--model", place.first};
  const std::vector<std::string> two = one + std::vector<std::string>{"--model", place.second};
  const std::vector<Case> cases = {
      {two + std::vector<std::string>{"--convert", out}, "--convert takes one --model, got 2"},
      {two + std::vector<std::string>{"--export-onnx", out}, "--export-onnx takes one --model, got 2"},
      {two + std::vector<std::string>{"--csv", csv, "--calibrate", out},
       "--calibrate takes one --model, got 2"},
      {one + std::vector<std::string>{"--calibrate", out}, "--calibrate requires --csv"},
      {one + std::vector<std::string>{"--csv", csv, "--calibrate", out, "--report", out}, "excludes"},
      {one + std::vector<std::string>{"--csv", csv, "--calibrate", out, "--json"}, "excludes"},
      {one + std::vector<std::string>{"--csv", csv, "--calibrate", out, "--tta", "full"}, "no --tta with it"},
      {one + std::vector<std::string>{"--convert", out, "--tta", "full"},
       "--tta requires images, --camera, --frames or --csv"},
      {one + std::vector<std::string>{"--tta", "both", place.face()}, "--tta"},
      {one + std::vector<std::string>{"--note", "a=b", place.face()},
       "--note requires --convert, --calibrate or --import-onnx"},
      {one + std::vector<std::string>{"--convert", out, "--note", "a"}, "--note \"a\": expected KEY=VALUE"},
      {one + std::vector<std::string>{"--convert", out, "--note", "=b"}, "--note \"=b\": expected KEY=VALUE"},
      {one + std::vector<std::string>{"--convert", out, "--note", "a=\xff"}, "expected KEY=VALUE in UTF-8"},
      {one + std::vector<std::string>{"--convert", out, "--note", "checkpoint={}"}, "only training writes"},
      {one + std::vector<std::string>{"--convert", out + ".ONNX"}, "writes safetensors; "},
      {one + std::vector<std::string>{"--csv", csv, "--calibrate", out + ".pt"}, "writes safetensors; "},
      {one + std::vector<std::string>{"--export-onnx", out + ".safetensors"}, "writes onnx; "},
      {{"--import-onnx", out, out + ".onnx"}, "writes safetensors; "},
  };
  for (const Case& c : cases) {
    const ProgramResult refused = ferpredict(c.arguments);
    INFO(c.message << " <- " << refused.err);
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.err, c.message));
    CHECK(refused.out.empty());
  }
  CHECK_FALSE(place.has("out"));
}

TEST_CASE("ferpredict --note writes notes that --model-info prints as a card", "[cli]") {
  const Pair place;
  const std::string out = place / "noted.safetensors", again = place / "again.safetensors";
  const ProgramResult written =
      ferpredict({"--model", place / "run/last.safetensors", "--convert", out, "--dtype", "f32", "--note",
                  "card.accuracy=65.2 % = of 3589", "--note", "card.data=a\nb", "--note", "empty="});
  INFO(written.err);
  REQUIRE(written.exit_code == 0);
  CHECK(contains(ferpredict({"--model", out, "--model-info"}).out,
                 "\ntemperature 1\nface margin 0.05\nface crop 1.3\n\n"
                 "card.accuracy  65.2 % = of 3589\n"
                 "card.data      a\\x0ab\n"
                 "empty          \n\n"));
  CHECK(mien::model::read_model(out).notes.count("checkpoint") == 0);
  CHECK_FALSE(
      contains(ferpredict({"--model", place / "run/last.safetensors", "--model-info"}).out, "checkpoint"));
  // Later notes replace those of the same name, the others stay.
  CHECK(ferpredict({"--model", out, "--convert", again, "--note", "empty=no more"}).exit_code == 0);
  CHECK(mien::model::read_model(again).notes.at("empty") == "no more");
  CHECK(mien::model::read_model(again).notes.at("card.data") == "a\nb");
}

TEST_CASE("the models that come along read a face and have a card", "[cli]") {
  const std::string sample = MIEN_SAMPLE_FOLDER;
  for (const std::string model : {"small", "large"}) {
    INFO(model);
    const std::string file = sample + "/models/" + model + ".safetensors";
    const ProgramResult info = ferpredict({"--model", file, "--model-info"});
    CHECK(info.exit_code == 0);
    CHECK(info.out.rfind("model   " + model + "\n", 0) == 0);
    CHECK(ferpredict({"--model", model, "--model-info"}).out == info.out);
    CHECK(contains(info.out, "\ndtype   int8\n"));
    CHECK(contains(info.out, "\ncard.accuracy "));
    const ProgramResult face = ferpredict({"--model", file, "--csv-out", sample + "/face.png"});
    CHECK(face.exit_code == 0);
    CHECK(face.err.empty());
    CHECK(contains(face.out, ",48,48,,happy,"));
  }
}

TEST_CASE("ferpredict without --model takes MIEN_MODEL, or what is installed beside it", "[cli]") {
  const Pair place;
  const auto name = [&](const ProgramResult& result) {
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return result.out.substr(0, result.out.find("\nsha256"));
  };
  const std::vector<std::string> info = {"--model-info"};
  CHECK(name(ferpredict(info, {.environment = {"MIEN_MODEL=" + place.second}})) ==
        "model   tiny\nfile    " + place.second);
  CHECK(ferpredict({place.face()}, {.environment = {"MIEN_MODEL=" + place.second}}).out ==
        ferpredict({"--model", place.second, place.face()}).out);
  CHECK(name(ferpredict({"--model", place.first, "--model-info"}, {.environment = {"MIEN_MODEL=none"}})) ==
        "model   tiny\nfile    " + place.first);
  const ProgramResult missing = ferpredict({place.face()}, {.environment = {"MIEN_MODEL=none.safetensors"}});
  CHECK(missing.exit_code == 3);
  CHECK(contains(missing.err, "MIEN_MODEL=none.safetensors: No such file or directory"));
  CHECK(ferpredict({"--model", "", place.face()}).exit_code == 2);

  const std::filesystem::path prefix = place.path() / "prefix";
  std::filesystem::create_directories(prefix / "bin");
  std::filesystem::create_directories(prefix / "share/mien/models");
  std::filesystem::copy_file(FERPREDICT_PATH, prefix / "bin/ferpredict");
#ifdef MIEN_EMULATOR
  std::filesystem::copy_file(FERPREDICT_FILE, prefix / "bin/ferpredict.program");
#endif
  const std::string installed = (prefix / "share/mien/models/small.safetensors").string();
  std::filesystem::copy_file(place.first, installed);
  const ProgramOptions no_name = {.environment = {"MIEN_MODEL="}};
  CHECK(name(run_program((prefix / "bin/ferpredict").string(), info, no_name)) ==
        "model   tiny\nfile    " + installed);
}
