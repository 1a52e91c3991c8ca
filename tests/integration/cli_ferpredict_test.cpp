// What ferpredict reads and prints.
#include <cmath>
#include <filesystem>

#include "cli.hpp"
#include "cli_images.hpp"
#include "kernels/isa.hpp"
#include "support/onnx_reader.hpp"

namespace {

using namespace mien::test;

const char* const kLabels[] = {"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"};

// A trained model and one face in every format.
class Gallery : public Workplace {
 public:
  Gallery() : model(train()) {
    for (const char* extension : kImageExtensions) {
      write(std::string("face.") + extension, encoded(extension, face_pixels(3, 77)));
    }
  }
  std::string face(const std::string& extension) const { return *this / ("face." + extension); }
  ProgramResult predict(const std::vector<std::string>& arguments, const ProgramOptions& options = {}) const {
    return ferpredict(std::vector<std::string>{"--model", model} + arguments, options);
  }

  std::string model;
};

std::string kilobytes(const std::string& file) {
  return std::to_string((std::filesystem::file_size(file) + 500) / 1000);
}

mien::Json first_image(const std::string& output) {
  return json_of(output).at("images").as_array().at(0);
}

std::vector<double> probabilities_of(const mien::Json& image) {
  const mien::Json& face = image.at("faces").as_array().at(0);
  std::vector<double> result;
  for (const char* label : kLabels) result.push_back(face.at("probabilities").at(label).as_number());
  return result;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b.at(i)));
  return largest;
}

}  // namespace

TEST_CASE("ferpredict --json has exactly the documented form", "[cli]") {
  const Gallery place;
  const ProgramResult result = place.predict({"--json", place.face("png")});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  using Keys = std::vector<std::string>;
  const mien::Json document = json_of(result.out);
  CHECK(keys(document) == Keys{"schema", "model", "images"});
  CHECK(document.at("schema").as_integer() == 1);
  CHECK(keys(document.at("model")) == Keys{"name", "sha256"});
  CHECK(document.at("model").at("name").as_string() == "tiny");
  CHECK(document.at("model").at("sha256").as_string().size() == 64);
  REQUIRE(document.at("images").as_array().size() == 1);
  const mien::Json& image = document.at("images").as_array()[0];
  CHECK(keys(image) == Keys{"image", "detector", "faces", "ms"});
  CHECK(image.at("detector").as_string() == "none");
  CHECK(image.at("image").as_string() == place.face("png"));
  CHECK(keys(image.at("ms")) == Keys{"decode", "detect", "infer"});
  CHECK(image.at("ms").at("infer").as_number() >= 0);
  REQUIRE(image.at("faces").as_array().size() == 1);
  const mien::Json& face = image.at("faces").as_array()[0];
  CHECK(keys(face) == Keys{"box", "score", "expression", "probability", "probabilities", "emoticons"});
  CHECK(face.at("box") == json_of("[0, 0, 48, 48]"));
  CHECK(face.at("score").is_null());
  CHECK(keys(face.at("probabilities")) == Keys(std::begin(kLabels), std::end(kLabels)));
  const std::vector<double> p = probabilities_of(image);
  double sum = 0;
  for (const double x : p) sum += x;
  CHECK(sum == Approx(1.0).epsilon(1e-5));
  const auto best = std::max_element(p.begin(), p.end());
  CHECK(face.at("expression").as_string() == kLabels[best - p.begin()]);
  CHECK(face.at("probability").as_number() == *best);
  CHECK_FALSE(face.at("emoticons").as_array().empty());
}

TEST_CASE("ferpredict reads PNG, JPEG, BMP, PGM and PPM, from files, folders and stdin", "[cli]") {
  const Gallery place;
  const auto expected = probabilities_of(first_image(place.predict({"--json", place.face("pgm")}).out));
  for (const char* extension : kImageExtensions) {
    INFO(extension);
    const ProgramResult from_file = place.predict({"--json", place.face(extension)});
    CHECK(from_file.exit_code == 0);
    const auto actual = probabilities_of(first_image(from_file.out));
    // JPEG loses a little, all others nothing.
    CHECK(largest_difference(actual, expected) <= (std::string(extension) == "jpg" ? 0.05 : 0.0));

    const ProgramResult from_stdin =
        place.predict({"--json", "-"}, {.input = read_text(place.face(extension))});
    CHECK(from_stdin.exit_code == 0);
    const mien::Json image = first_image(from_stdin.out);
    CHECK(image.at("image").as_string() == "-");
    CHECK(probabilities_of(image) == actual);
  }

  const ProgramResult several =
      place.predict({"--json", place.face("png"), place.path().string(), place.face("bmp")});
  CHECK(several.exit_code == 0);
  std::vector<std::string> names;
  const mien::Json document = json_of(several.out);
  for (const mien::Json& image : document.at("images").as_array()) {
    names.push_back(std::filesystem::path(image.at("image").as_string()).filename().string());
  }
  CHECK(names == std::vector<std::string>{"face.png", "face.bmp", "face.jpg", "face.pgm", "face.png",
                                          "face.ppm", "face.bmp"});
  CHECK(contains(several.err, " files left out, not named as images; PNG, JPEG, "));
  std::filesystem::create_directories(place.path() / "album/inner");
  (void)place.write("album/face.png", read_text(place.face("png")));
  const ProgramResult album = place.predict({"--json", place.path() / "album"});
  CHECK(album.exit_code == 0);
  CHECK(contains(album.err, "album: 1 folder in it not looked into; name those that are to be read"));
}

TEST_CASE("ferpredict --csv-out is strict CSV, a line a face", "[cli]") {
  const Gallery place;
  const std::string odd = place.write("a \"face\", 1.png", read_text(place.face("png")));
  const std::string broken = place.write("broken.png", "no image");
  const ProgramResult result = place.predict({"--csv-out", place.face("png"), broken, odd});
  CHECK(result.exit_code == 3);
  const auto rows = csv_of(result.out);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0] == std::vector<std::string>{"image", "x", "y", "width", "height", "score", "expression",
                                            "probability", "angry", "disgust", "fear", "happy", "sad",
                                            "surprise", "neutral", "error", "fallback"});
  CHECK(rows[1][0] == place.face("png"));
  CHECK(std::vector(rows[1].begin() + 1, rows[1].begin() + 6) ==
        std::vector<std::string>{"0", "0", "48", "48", ""});
  CHECK(std::find(std::begin(kLabels), std::end(kLabels), rows[1][6]) != std::end(kLabels));
  CHECK(std::stod(rows[1][7]) >= 1.0 / 7 - 1e-6);
  CHECK(rows[1][15].empty());
  CHECK(rows[2].size() == 17);
  CHECK(rows[2][6].empty());
  CHECK(contains(rows[2][15], "broken.png: "));
  CHECK(rows[3][0] == odd);
  CHECK(std::vector(rows[3].begin() + 1, rows[3].end()) == std::vector(rows[1].begin() + 1, rows[1].end()));
}

TEST_CASE("ferpredict --top says how many expressions the text shows", "[cli]") {
  const Gallery place;
  for (const int top : {1, 3, 7, 9}) {
    const ProgramResult result = place.predict({"--top", std::to_string(top), place.face("png")});
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with(place.face("png") + ": taken as the crop of a face\n  "));
    CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1 + std::min(top, 7));
  }
  CHECK(place.predict({place.face("png")}).out ==
        place.predict({"--text", "--top", "3", place.face("png")}).out);
  CHECK(place.predict({"--top", "0", place.face("png")}).exit_code == 2);
}

TEST_CASE("ferpredict prints emoticons that the locale can show", "[cli]") {
  const Gallery place;
  const auto ascii = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
  };
  const std::vector<std::string> arguments = {"--top", "7", place.face("png")};
  const ProgramResult plain = place.predict(arguments, {.environment = {"LC_ALL=C"}});
  const ProgramResult rich = place.predict(arguments, {.environment = {"LC_ALL=C.UTF-8"}});
  CHECK(ascii(plain.out));
  CHECK(contains(plain.out, ":-)"));
  CHECK(contains(rich.out, "\U0001F600"));
  CHECK_FALSE(contains(rich.out, ":-)"));
  CHECK(ascii(place.predict({"--json", place.face("png")}, {.environment = {"LC_ALL=C"}}).out));
  const ProgramResult forced = place.predict(std::vector<std::string>{"--emoticon-style", "ascii"} + arguments,
                                             {.environment = {"LC_ALL=C.UTF-8"}});
  CHECK(contains(forced.out, ":-)"));

  const std::string table = place.write("mine.txt", "happy | ascii | :happy:\n");
  const ProgramResult mine =
      place.predict(std::vector<std::string>{"--emoticons", table} + arguments, {.environment = {"LC_ALL=C"}});
  CHECK(contains(mine.out, "  :happy:\n"));
  CHECK(mine.err.empty());
  place.write("mine.txt", "hapy | ascii | :happy:\nhapy | emoji | x\n");
  const ProgramResult misspelt = place.predict(std::vector<std::string>{"--emoticons", table} + arguments);
  CHECK(misspelt.exit_code == 0);
  CHECK(misspelt.err.starts_with(table + ": \"hapy\" is no expression of the model; it has \"angry, "));
  CHECK(misspelt.err.find('\n') == misspelt.err.size() - 1);
  place.write("mine.txt", "happy | smiley | x\n");
  const ProgramResult wrong = place.predict(std::vector<std::string>{"--emoticons", table} + arguments);
  CHECK(wrong.exit_code == 3);
  CHECK(contains(wrong.err, "mine.txt:1:9: unknown style \"smiley\""));
}

TEST_CASE("ferpredict --model-info describes the model", "[cli]") {
  const Gallery place;
  const ProgramResult result = place.predict({"--model-info"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.starts_with("model   tiny\nfile    " + place.model + "\nsha256  "));
  CHECK(contains(result.out, "\ndtype   f32\n"));
  CHECK(contains(result.out, "\ntemperature 1\nface margin 0.05\nface crop 1.3\n\n"));
  CHECK(contains(result.out, "labels  angry, disgust, fear, happy, sad, surprise, neutral\n"));
  CHECK(contains(result.out, "conv1"));
  CHECK(contains(result.out,
                 "\ntrained weights                                               1119         15.4 k\n"));
  CHECK(contains(result.out, "\nin fp32 4.5 kB of weights, "));
}

TEST_CASE("ferpredict --convert writes smaller models that predict alike", "[cli]") {
  const Gallery place;
  const auto expected = probabilities_of(first_image(place.predict({"--json", place.face("png")}).out));
  std::string source = place.model;
  for (const std::string dtype : {"bf16", "int8", "f32"}) {
    INFO(dtype);
    const std::string file = place / (dtype + ".safetensors");
    const ProgramResult result = ferpredict({"--model", source, "--convert", file, "--dtype", dtype});
    CHECK(result.exit_code == 0);
    CHECK(result.out.empty());
    CHECK(result.err == file + ": " + kilobytes(file) + " kB, from " + source + "\n");
    CHECK(contains(ferpredict({"--model", file, "--model-info"}).out, "\ndtype   " + dtype + "\n"));
    const ProgramResult predicted = ferpredict({"--model", file, "--json", place.face("png")});
    REQUIRE(predicted.exit_code == 0);
    CHECK(largest_difference(probabilities_of(first_image(predicted.out)), expected) < 0.02);
    source = file;
  }
  CHECK(std::filesystem::file_size(place / "int8.safetensors") <
        std::filesystem::file_size(place / "bf16.safetensors"));
  CHECK(place.predict({"--convert", place / "no/m.safetensors"}).exit_code == 3);
  for (const char* option : {"--convert", "--export-onnx"}) {
    const ProgramResult replaced = place.predict({option, place.model});
    CHECK(replaced.exit_code == 2);
    CHECK(contains(replaced.err, "would replace the model it comes from"));
    // A picture that was meant to be read.
    const ProgramResult picture = place.predict({option, place.face("png")});
    CHECK(picture.exit_code == 2);
    CHECK(picture.err == option + (" " + place.face("png")) +
                             ": the name of a picture, and no picture would be written to it\n");
  }
  CHECK(place.predict({"--convert", place / "m.safetensors", "--dtype", "f16"}).exit_code == 2);
}

TEST_CASE("fertrain --onnx and ferpredict --export-onnx write the same network", "[cli]") {
  const Workplace place;
  const std::string model = place.train({"--steps", "4", "--onnx"});
  const ProgramResult result = ferpredict({"--model", model, "--export-onnx", place / "exported.onnx"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  CHECK(result.err ==
        (place / "exported.onnx: ") + kilobytes(place / "exported.onnx") + " kB, from " + model + "\n");
  CHECK(ferpredict({"--model", model, "--export-onnx", "/dev/null"}).exit_code == 0);
  const std::string bytes = read_text(place / "exported.onnx");
  CHECK(bytes == read_text(place / "run/best.onnx"));
  const OnnxFile file = parse_onnx(bytes);
  CHECK(file.metadata.at("mien.name") == "tiny");
  CHECK(file.node("probabilities").inputs == std::vector<std::string>{"dense1"});

  const ProgramResult nowhere = ferpredict({"--model", model, "--export-onnx", place / "no/exported.onnx"});
  CHECK(nowhere.exit_code == 3);
  CHECK(contains(nowhere.err, "no/exported.onnx: "));
}

TEST_CASE("ferpredict --onnx-plain leaves the preparation out and says what to do instead", "[cli]") {
  const Gallery place;
  const std::string out = place / "plain.onnx";
  CHECK(place.predict({"--onnx-plain", place.face("png")}).exit_code == 2);
  const ProgramResult result = place.predict({"--export-onnx", out, "--onnx-plain"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  const OnnxFile file = parse_onnx(read_text(out));
  CHECK(file.inputs.at(0).name == "prepared");
  CHECK(contains(result.err, "\n" + out + ": takes 100 * (p - m) / d, of the pixels p"));
  CHECK(contains(result.err, ": takes " + file.metadata.at("mien.preparation") + "\n"));
}

TEST_CASE("ferpredict takes a checkpoint for a model", "[cli]") {
  const Gallery place;
  const ProgramResult result =
      ferpredict({"--model", place / "run/last.safetensors", "--csv-out", place.face("png")});
  CHECK(result.exit_code == 0);
  CHECK(csv_of(result.out).size() == 2);
}

TEST_CASE("ferpredict --csv measures what the run's report says", "[cli]") {
  const Gallery place;
  for (const auto& [usage, file] :
       {std::pair{"PublicTest", "report.json"}, std::pair{"PrivateTest", "report-private.json"}}) {
    const ProgramResult result =
        place.predict({"--csv", place / "faces.csv", "--usage", usage, "--report", place / "again.json"});
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with(std::string(usage) + " accuracy "));
    CHECK(read_text(place / "again.json") == read_text(place / (std::string("run/") + file)));
  }
  const ProgramResult json = place.predict({"--csv", place / "faces.csv", "--json"});
  CHECK(json_of(json.out) == json_of(read_text(place / "run/report.json")));
  for (const auto& [fer2013, others] : {std::pair{"Training", "train"}, std::pair{"PublicTest", "validation"},
                                        std::pair{"PrivateTest", "test"}}) {
    CHECK(place.predict({"--csv", place / "faces.csv", "--usage", fer2013}).out ==
          place.predict({"--csv", place / "faces.csv", "--usage", others}).out);
  }
  CHECK(json_of(place.predict({"--csv", place / "faces.csv", "--json", "--usage", "Training"}).out)
            .at("images")
            .as_integer() == 14);
}

TEST_CASE("ferpredict --csv prints no recall of a class without rows, and null in JSON", "[cli]") {
  const Gallery place;
  const std::string csv = place.write(
      "two.csv", std::string(kCsvHeader) + csv_line(0, "PublicTest", 1) + csv_line(3, "PublicTest", 1));
  const ProgramResult text = place.predict({"--csv", csv});
  CHECK(text.exit_code == 0);
  CHECK(contains(text.out, "disgust -, fear -, happy "));
  const mien::Json classes = json_of(place.predict({"--csv", csv, "--json"}).out).at("classes");
  CHECK(classes.as_array().at(1).at("recall").is_null());
  CHECK(classes.as_array().at(0).at("recall").as_number() >= 0);
}

TEST_CASE("every instruction set gives the same labels and probabilities", "[cli]") {
  const Gallery place;
  const std::string plainest = mien::kernels::isa_name(mien::kernels::plainest_isa());
  const ProgramResult plain =
      place.predict({"--json", place.face("png")}, {.environment = {"MIEN_ISA=" + plainest}});
  REQUIRE(plain.exit_code == 0);
  const auto expected = probabilities_of(first_image(plain.out));
  for (const auto& [isa, name] :
       {std::pair{mien::kernels::Isa::avx2, "avx2"}, std::pair{mien::kernels::Isa::avx512, "avx512"}}) {
    INFO(name);
    const ProgramResult result =
        place.predict({"--json", place.face("png")}, {.environment = {std::string("MIEN_ISA=") + name}});
    if (!mien::kernels::is_available(isa)) {
      CHECK(result.exit_code == 2);
      CHECK(contains(result.err, "[MIEN_ISA] this processor or build has no "));
      continue;
    }
    REQUIRE(result.exit_code == 0);
    const auto actual = probabilities_of(first_image(result.out));
    CHECK(largest_difference(actual, expected) <= 1e-4);
    CHECK(std::max_element(actual.begin(), actual.end()) - actual.begin() ==
          std::max_element(expected.begin(), expected.end()) - expected.begin());
  }
  const ProgramResult unknown =
      place.predict({"--json", place.face("png")}, {.environment = {"MIEN_ISA=sse9"}});
  CHECK(unknown.exit_code == 2);
  CHECK(contains(unknown.err, "[MIEN_ISA] expected base, neon, avx2, avx512, avx512bf16 or amx, got `sse9`"));
}

TEST_CASE("ferpredict gives the same bytes for any number of threads", "[cli]") {
  const Gallery place;
  const ProgramResult one = place.predict({"--csv-out", place.path().string(), "--threads", "1"});
  const ProgramResult three = place.predict({"--csv-out", place.path().string(), "--threads", "3"});
  CHECK(one.exit_code == 0);
  CHECK(one.out == three.out);
}

TEST_CASE("ferpredict fails when stdout cannot be written", "[cli]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const Gallery place;
  const std::vector<std::vector<std::string>> commands = {{place.face("png")},
                                                          {"--json", place.face("png")},
                                                          {"--csv-out", place.face("png")},
                                                          {"--model-info"},
                                                          {"--csv", place / "faces.csv"}};
  for (const auto& arguments : commands) {
    INFO(arguments[0]);
    const ProgramResult full = place.predict(arguments, {.stdout_path = "/dev/full"});
    CHECK(full.exit_code == 3);
    CHECK(contains(full.err, "stdout"));
    std::string command = "'" FERPREDICT_PATH "' --model '" + place.model + "'";
    for (const std::string& argument : arguments) command += " '" + argument + "'";
    const ProgramResult closed = run_program("/bin/sh", {"-c", command + " >&-"});
    CHECK(closed.exit_code == 3);
  }
}

TEST_CASE("ferpredict refuses commands that make no sense with exit code 2", "[cli]") {
  const Gallery place;
  const std::string face = place.face("png");
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  const std::vector<Case> cases = {
      {{"--model", place.model}, "no images; see ferpredict --help"},
      {{"--model", place.model, "--json", "--csv-out", face}, "excludes"},
      {{"--model", place.model, "--csv", place / "faces.csv", face}, "either images or --csv, not both"},
      {{"--model", place.model, "--report", place / "r.json", face}, "--report requires --csv"},
      {{"--model", place.model, "--usage", "Training", face}, "--usage requires --csv"},
      {{"--model", place.model, "--dtype", "bf16", face}, "--dtype requires --convert"},
      {{"--model", place.model, "--model-info", face}, "either images or --model-info, not both"},
      {{"--model", place.model, "--convert", place / "m", face}, "either images or --convert, not both"},
      {{"--model", place.model, "--export-onnx", place / "m", face},
       "either images or --export-onnx, not both"},
      {{"--model", place.model, "--model-info", "--convert", place / "m"},
       "either --model-info or --convert, not both"},
      {{"--model", place.model, "--convert", place / "m", "--export-onnx", place / "n"},
       "either --convert or --export-onnx, not both"},
      {{"--model", place.model, "--export-onnx", place / "m", "--csv", place / "faces.csv"},
       "either --export-onnx or --csv, not both"},
      {{"--model", place.model, "--color", face}, "--color"},
      {{"--model", place.model, "--convert=", face}, "--convert= expects a value behind the ="},
      {{face, "--model", "--json"}, "--model expects a value, and --json is an option"},
      {{"--model", place.model, face, "--json", "out.json"},
       "out.json: no picture is there, and --json takes no file, it writes to stdout: --json > out.json"},
      {{"--model", place.model, face, "--csv-out", "out.csv"}, "--csv-out > out.csv"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--report", ""}, "--report: expected a name"},
      {{"--model", place.model, "--csv", "", "--usage", "Training", face}, "--csv: expected a name"},
      {{"--model", place.model, "--model-info", "--detector", "none"},
       "--detector requires images, --camera, --frames or --faces"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--min-face", "30"},
       "--min-face requires images, --camera, --frames or --faces"},
      {{"--model", place.model, "--model-info", "--lang", "ko"},
       "--lang requires images, --camera or --frames"},
      {{"--model", place.model, "--model-info", "--draw", place / "m"}, "--draw requires images"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--csv-out"}, "--csv-out requires images"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--top", "2"}, "--top requires images"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--emoticon-style", "ascii"},
       "--emoticon-style requires images, --camera or --frames"},
      {{"--model", place.model, "--model-info", "--json"},
       "--json requires images, --camera, --frames, --csv or --faces"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--report", place / "faces.csv"},
       "would replace the rows it comes from"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--report", place.model},
       "would replace the model it comes from"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--calibrate", place / "faces.csv"},
       "would replace the rows it comes from"},
      {{"--model", place.model, "--csv", place.path().string(), "--report", face}, "the name of a picture"},
      {{"--model", place.model, "--lang", "xx", face}, "--lang"},
      {{"--model", place.model, "--lang", "ko", "--csv-out", face}, "--lang: CSV holds labels"},
      {{"--model", place.model, "--emoticon-style", "ascii", "--csv-out", face}, "--emoticon-style: CSV holds"},
      {{"--model", place.model, "--top", "2", "--json", face}, "--top: only text is cut off"},
      {{"--model", place.model, "--detector", "dlib", face}, "--detector"},
      {{"--model", place.model, "--detector", "none", "--min-neighbors", "2", face},
       "--min-neighbors says how faces are looked for: not with --detector none"},
      {{"--model", place.model, "--detector", "none", "--face-margin", "0.1", face},
       "--face-margin goes around faces found: not with --detector none"},
      {{"--model", place.model, "--face-margin", "2", face}, "--face-margin"},
      {{"--model", place.model, "--draw", place / "m", face, face}, "--draw takes one image, got 2"},
      {{"--model", place.model, "-", "-"}, "stdin can be read once: one - among the images"},
      {{"--model", place.model, "--csv", place / "faces.csv", "--usage", "Testing"}, "--usage"},
      {{"--model", place.model, "--emoticon-style", "smiley", face}, "--emoticon-style"},
  };
  for (const Case& c : cases) {
    const ProgramResult result = ferpredict(c.arguments);
    INFO(c.message << " <- " << result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, c.message));
    CHECK(result.out.empty());
  }
  CHECK_FALSE(place.has("m"));
  CHECK(ferpredict({"--version"}).out.starts_with("ferpredict 0."));
  const ProgramResult help = ferpredict({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(contains(help_of(help.out, "--top"), "default: 3]"));
  CHECK(contains(help_of(help.out, "--detector"), "default: auto]"));
  CHECK(contains(help_of(help.out, "--usage"), "default: PublicTest"));
  CHECK(contains(help_of(help.out, "--emoticon-style"), "default: emoji in a UTF-8 locale, else ascii"));
  CHECK(contains(help.out, "\nExit codes: 0 "));
}
