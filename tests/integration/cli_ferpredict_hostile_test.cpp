// ferpredict on files that are broken, on purpose or not.
#include <cstring>
#include <limits>

#include "cli.hpp"
#include "cli_images.hpp"
#include "mien/core/text.hpp"
#include "mien/model/graph.hpp"
#include "mien/model/model_file.hpp"

namespace {

using namespace mien::test;
using mien::model::SafetensorsFile;
using mien::model::TensorEntry;

constexpr const char* kFace = MIEN_SAMPLE_FOLDER "/face.png";

ProgramResult predict_with(const std::string& model) {
  return ferpredict({"--model", model, kFace});
}

std::string safetensors_bytes(const std::string& header, const std::string& data = "") {
  std::string bytes(8, '\0');
  const std::uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);  // little-endian, as this machine is
  return bytes + header + data;
}

// A copy of a model with its metadata and the values of its tensors changed by `edit`; tensors whose names
// begin with `without` are left out.
template <typename Edit>
std::string edited(const Workplace& place, const std::string& model, Edit edit,
                   const std::string& without = "none") {
  const SafetensorsFile file = SafetensorsFile::open(model);
  mien::model::Metadata metadata = file.metadata();
  std::vector<TensorEntry> tensors;
  std::vector<std::vector<std::byte>> storage;
  for (TensorEntry tensor : file.tensors()) {
    if (tensor.name.starts_with(without)) continue;
    storage.emplace_back(tensor.bytes.begin(), tensor.bytes.end());
    tensor.bytes = storage.back();
    edit(metadata, tensor.name, reinterpret_cast<float*>(storage.back().data()));
    tensors.push_back(tensor);
  }
  mien::model::write_safetensors(place / "edited.safetensors", metadata, tensors);
  return place / "edited.safetensors";
}

// A network whose weights are zeros.
std::string blank_model(const Workplace& place, const std::string& spec) {
  mien::model::ModelFile model;
  model.name = "blank";
  model.spec = mien::model::ModelSpec::from_text(spec);
  model.labels = {"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"};
  for (const auto& p : mien::model::parameters_of(mien::model::plan(model.spec))) {
    model.weights.push_back({p.name, mien::Tensor(p.shape), {}});
  }
  mien::model::write_model(place / "blank.safetensors", model);
  return place / "blank.safetensors";
}

}  // namespace

TEST_CASE("ferpredict predicts the other images when some cannot be read, and exits with 3", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  const std::string good = place.write("good.png", encoded("png", face_pixels(2, 5)));
  const std::string png = read_text(good);
  const std::string jpeg = encoded("jpg", face_pixels(2, 5));
  struct Case {
    std::string name;
    std::string message;
  };
  const std::vector<Case> cases = {
      {place / "none.png", "No such file or directory"},
      {place.write("empty.png", ""), "empty"},
      {place.write("text.png", "just text"), ""},
      {place.write("half.png", png.substr(0, png.size() / 2)), ""},
      {place.write("half.jpg", jpeg.substr(0, jpeg.size() / 2)), ""},
      {place.write("half.pgm", "P5\n48 48\n255\nabc"), ""},
      {place.write("bomb.png", png_bomb(65535, 65535)), "65535x65535 pixels"},
      {place.write("flat.png", png_bomb(8000, 4000)), ""},
      {place.write("bomb.pgm", "P5\n4000000000 4000000000\n255\n"), ""},
      {place / "nothing", "nothing: no files in this folder"},
      {place / "others", "others: none of its files (1) is named as an image; PNG, JPEG, "},
      {place / "albums",
       "albums: no files in this folder; 2 folders in it not looked into: name what is to be read"},
      {"/dev/zero", ""},
  };
  std::filesystem::create_directory(place / "nothing");
  std::filesystem::create_directory(place / "others");
  std::filesystem::create_directories(place / "albums/one");
  std::filesystem::create_directory(place / "albums/two");
  (void)place.write("others/a.heic", "unread");
  for (const Case& c : cases) {
    const std::string& bad = c.name;
    const ProgramResult result = ferpredict({"--model", model, "--json", bad, good});
    INFO(bad << ": " << result.err);
    CHECK(result.exit_code == 3);
    CHECK(contains(result.err, bad));
    CHECK(contains(result.err, c.message));
    const mien::Json document = json_of(result.out);
    const auto& images = document.at("images").as_array();
    REQUIRE(images.size() == 2);
    CHECK(keys(images[0]) == std::vector<std::string>{"image", "faces", "ms", "error"});
    CHECK(images[0].at("image").as_string() == bad);
    CHECK(images[0].at("faces").as_array().empty());
    CHECK(result.err == images[0].at("error").as_string() + "\n");
    CHECK(images[1].at("faces").as_array().size() == 1);
  }
}

TEST_CASE("names with control characters reach no terminal as they are", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  const std::string png = encoded("png", face_pixels(2, 5));
  const auto is_clean = [](const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\x7f' || c == '\x9b';
    });
  };
  for (const std::string odd : {"a\033[31m", "a\nb",
                                "a\xc2\x9b"
                                "2J",
                                "a\x7f", "a\xff"}) {
    const std::string shown = mien::printable(odd);
    const std::string good = place.write(odd + ".png", png), bad = place.write(odd + ".jpg", "no image");
    const ProgramResult text =
        ferpredict({"--model", model, "--emoticon-style", "ascii", good, bad, place / (odd + "none")});
    INFO(shown << ": " << text.out << text.err);
    CHECK(is_clean(text.out + text.err));
    CHECK(contains(text.out, shown + ".png: taken as "));
    CHECK(contains(text.out, shown + ".jpg: not read\n"));
    CHECK(contains(text.err, shown + ".jpg: not an image"));
    CHECK(contains(text.err, shown + "none: No such file"));
    // Readers of JSON and CSV get the name itself.
    if (mien::is_utf8(odd)) {
      CHECK(
          json_of(ferpredict({"--model", model, "--json", good}).out).at("images").as_array()[0].at("image") ==
          good);
    }
    CHECK(csv_of(ferpredict({"--model", model, "--csv-out", good}).out)[1][0] == good);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--model", odd, good},
          {"--model", model, "--" + odd},
          {"--model", model, odd + "/"},
          {"--model", model, "--csv", odd},
          {"--model", model, "--cascade", odd, "--detector", "haar", good},
          {"--model", model, "--frames", odd},
          {"--model", model, "--convert", place / ("no/" + odd)}}) {
      const ProgramResult result = ferpredict(words);
      INFO(mien::printable(result.err));
      CHECK(result.exit_code != 0);
      CHECK(is_clean(result.out + result.err));
      CHECK(contains(result.err, shown));
    }
    const std::vector<std::vector<std::string>> trainings = {
        {"--csv", odd},
        {"--" + odd},
        {"--csv", place / "faces.csv", "--model", odd + ".spec"},
        {"--resume", odd}};
    for (const std::vector<std::string>& words : trainings) {
      const ProgramResult result = fertrain(words);
      CHECK(result.exit_code != 0);
      CHECK(is_clean(result.out + result.err));
      CHECK(contains(result.err, shown));
    }
    const ProgramResult run = fertrain(place.training(odd) + std::vector<std::string>{"--steps", "1"});
    CHECK((run.exit_code == 0) == mien::is_utf8(odd));  // a run's files say its name
    CHECK(is_clean(run.out + run.err));
  }
}

TEST_CASE("ferpredict refuses a weights file cut short at any byte", "[cli]") {
  const Workplace place;
  const std::string bytes = read_text(place.train());
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{9}, std::size_t{100},
        std::size_t{1000}, bytes.size() / 2, bytes.size() - 4, bytes.size() - 1}) {
    const std::string path = place.write("cut.safetensors", std::string_view(bytes).substr(0, size));
    const ProgramResult result = predict_with(path);
    INFO(size << " bytes: " << result.err);
    CHECK(result.exit_code == 3);
    CHECK(result.err.starts_with(path + ":"));
    CHECK(result.out.empty());
  }
}

TEST_CASE("ferpredict refuses weights files that lie about themselves", "[cli]") {
  const Workplace place;
  const std::string bytes = read_text(place.train());
  const std::string four(16, '\0');
  const std::string f32 = R"("dtype":"F32","shape":)";
  std::string huge_header = bytes;
  const std::uint64_t size = std::uint64_t{1} << 60;
  std::memcpy(huge_header.data(), &size, 8);
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"a header of 2^60 bytes", huge_header},
      {"not JSON", safetensors_bytes("{not json}")},
      {"overlapping tensors", safetensors_bytes("{\"a\":{" + f32 + "[2],\"data_offsets\":[0,8]},\"b\":{" + f32 +
                                                    "[2],\"data_offsets\":[4,12]}}",
                                                four)},
      {"an offset beyond the file",
       safetensors_bytes("{\"a\":{" + f32 + "[2],\"data_offsets\":[0,800]}}", four)},
      {"offsets in the wrong order",
       safetensors_bytes("{\"a\":{" + f32 + "[2],\"data_offsets\":[8,0]}}", four)},
      {"an offset that overflows",
       safetensors_bytes("{\"a\":{" + f32 + "[2],\"data_offsets\":[18446744073709551608,0]}}", four)},
      {"a shape that overflows",
       safetensors_bytes("{\"a\":{" + f32 + "[4294967296,4294967296,4],\"data_offsets\":[0,16]}}", four)},
      {"no model", safetensors_bytes("{\"a\":{" + f32 + "[4],\"data_offsets\":[0,16]}}", four)},
      {"something else", "PK\003\004 this is a zip file, or so it says"},
  };
  for (const auto& [what, content] : cases) {
    const std::string path = place.write("odd.safetensors", content);
    const ProgramResult result = predict_with(path);
    INFO(what << ": " << result.err);
    CHECK(result.exit_code == 3);
    CHECK(result.err.starts_with(path + ":"));
    CHECK(result.out.empty());
  }
  const ProgramResult none = predict_with(place / "none.safetensors");
  CHECK(none.exit_code == 3);
  CHECK(contains(none.err, place / "none.safetensors: No such file or directory"));
}

TEST_CASE("ferpredict refuses weights that are not finite", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::string path = edited(place, model, [&](auto&, const std::string& name, float* values) {
      if (name == "dense1.weight") values[3] = bad;
    });
    const ProgramResult result = predict_with(path);
    CHECK(result.exit_code == 3);
    CHECK(result.err == path + ": tensor dense1.weight holds NaN or infinity\n");
  }
}

TEST_CASE("ferpredict says when the output of a model is not finite", "[cli]") {
  const Workplace place;
  const auto enlarge = [](auto&, const std::string& name, float* values) {
    if (name == "dense1.weight" || name == "conv1.weight") std::fill(values, values + 100, 3e38f);
  };
  const std::string model = place.train();
  const ProgramResult checked = predict_with(edited(place, model, enlarge));
  CHECK(checked.exit_code == 3);
  CHECK(contains(checked.err, "the weights do not give the file's sample output"));
  const ProgramResult unchecked = predict_with(edited(place, model, enlarge, "sample."));
  CHECK(unchecked.exit_code == 3);
  CHECK(unchecked.err == std::string(kFace) + ": the model's output is not finite\n");
}

TEST_CASE("ferpredict neither converts, exports nor measures a large model that holds NaN", "[cli]") {
  const Workplace place(faces_csv(), "input 1 48 48\ndense 460\ndense 7\n");
  const std::string model = edited(
      place, place.train({"--steps", "1"}),
      [](auto&, const std::string& name, float* values) {
        if (name == "dense1.weight") values[3] = std::numeric_limits<float>::quiet_NaN();
      },
      "sample.");
  const ProgramResult converted = ferpredict({"--model", model, "--convert", place / "small.safetensors"});
  CHECK(converted.exit_code == 3);
  CHECK(contains(converted.err, "tensor dense1.weight holds NaN or infinity"));
  CHECK_FALSE(place.has("small.safetensors"));
  const ProgramResult exported = ferpredict({"--model", model, "--export-onnx", place / "m.onnx"});
  CHECK(exported.exit_code == 3);
  CHECK(contains(exported.err, "tensor dense1.weight holds NaN or infinity"));
  CHECK_FALSE(place.has("m.onnx"));
  const ProgramResult measured = ferpredict({"--model", model, "--csv", place / "faces.csv", "--json"});
  CHECK(measured.exit_code == 3);
  CHECK(measured.err == place / "faces.csv" + ": the model's output is not finite\n");
  CHECK(measured.out.empty());
}

TEST_CASE("ferpredict refuses a model whose sample does not come out as its writer computed it", "[cli]") {
  const Workplace place;
  const std::string path = edited(place, place.train(), [&](auto&, const std::string& name, float* values) {
    if (name == "dense1.bias") values[2] += 1;
  });
  const ProgramResult result = predict_with(path);
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK(contains(result.err, "sample"));
  const ProgramResult exported = ferpredict({"--model", path, "--export-onnx", place / "m.onnx"});
  CHECK(exported.exit_code == 3);
  CHECK(contains(exported.err, "sample"));
  CHECK_FALSE(place.has("m.onnx"));
}

TEST_CASE("ferpredict refuses names that terminals or readers of its answers would trip over", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  struct Case {
    const char* key;
    const char* value;
    const char* message;
  };
  const Case cases[] = {
      {"mien.name", "x\x1b[31m", ": name \"x\\x1b[31m\" is not printable\n"},
      {"mien.labels", R"(["a","b","a","d","e","f","g"])",
       ": label \"a\": expected printable names, each once\n"},
      {"mien.labels", R"(["a","b","","d","e","f","g"])", ": label \"\": expected printable names, each once\n"},
      {"mien.labels", R"(["a","b","\u0007","d","e","f","g"])",
       ": label \"\\x07\": expected printable names, each once\n"},
      {"mien.input", R"({"per_image":"norm100","scale":1e300})",
       ": input: a scale beyond the range of float\n"},
  };
  for (const Case& c : cases) {
    const std::string path =
        edited(place, model, [&](auto& metadata, const std::string&, float*) { metadata[c.key] = c.value; });
    const ProgramResult result = predict_with(path);
    CHECK(result.exit_code == 3);
    CHECK(result.err == path + c.message);
  }
}

TEST_CASE("ferpredict refuses a spec that does not fit the weights", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  struct Case {
    const char* spec;
    const char* message;
  };
  const Case cases[] = {
      {"input 1 48 48 | conv 4 5 same stride 4 | relu | maxpool 3 2 same | dense 6", "7 labels for 6 classes"},
      {"input 1 48 48 | conv 5 5 same stride 4 | relu | maxpool 3 2 same | dense 7",
       "tensor conv1.weight is 4x1x5x5, the spec needs 5x1x5x5"},
      {"input 1 48 48 | conv 4 5 same stride 4 | relu | maxpool 3 2 same | dense 7 | dense 7",
       "tensor dense2.weight is missing"},
      {"input 1 48 48 | relu | dense 7", "tensor dense1.weight is 144x7, the spec needs 2304x7"},
      {"input 1 4096 4096 | dense 1048576 | dense 7", "spec:1:"},
      {"input 1 48 48 | conf 4", "spec:1:17: unknown layer `conf`"},
      {"", "spec:1:1: no layers"},
  };
  for (const Case& c : cases) {
    const std::string path = edited(
        place, model, [&](auto& metadata, const std::string&, float*) { metadata["mien.spec"] = c.spec; });
    const ProgramResult result = predict_with(path);
    INFO(c.message << " <- " << result.err);
    CHECK(result.exit_code == 3);
    CHECK(result.err.starts_with(path + ":"));
    CHECK(contains(result.err, c.message));
  }
}

TEST_CASE("ferpredict gives no gray rows to a model that takes colors, and others in the size they take",
          "[cli]") {
  const Workplace place;
  const std::string csv = place / "faces.csv";
  const std::string colored = blank_model(place, "input 3 48 48 | globalpool | dense 7");
  const std::vector<std::vector<std::string>> commands = {
      {"--csv", csv}, {"--csv", csv, "--calibrate", place / "m.safetensors"}};
  for (const auto& command : commands) {
    const ProgramResult result = ferpredict(std::vector<std::string>{"--model", colored} + command);
    CHECK(result.exit_code == 3);
    CHECK(result.err == colored + ": takes 3 channels, images of --csv are gray; --data reads colors\n");
    CHECK(result.out.empty());
  }
  for (const char* size : {"1 96 96", "1 24 96"}) {
    const std::string model = blank_model(place, std::string("input ") + size + " | globalpool | dense 7");
    const ProgramResult result = ferpredict({"--model", model, "--csv", csv});
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.out, " (1 of 7, "));
  }
}

TEST_CASE("ferpredict names a CSV it cannot measure on and exits with 3", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  const std::string csv =
      place.write("bad.csv", std::string(kCsvHeader) + "9" + csv_line(0, "PublicTest", 0).substr(1));
  const ProgramResult bad = ferpredict({"--model", model, "--csv", csv});
  CHECK(bad.exit_code == 3);
  CHECK(bad.err == csv + ":2:1: emotion is 9, expected an integer 0 to 6\n");
  place.write("bad.csv", std::string(kCsvHeader) + csv_line(0, "Training", 0));
  const ProgramResult none = ferpredict({"--model", model, "--csv", csv});
  CHECK(none.exit_code == 3);
  CHECK(none.err == csv + ": no PublicTest rows\n");
  const ProgramResult report =
      ferpredict({"--model", model, "--csv", place / "faces.csv", "--report", place / "faces.csv/report.json"});
  CHECK(report.exit_code == 3);
  CHECK(contains(report.err, "faces.csv/report.json: "));
  CHECK(contains(report.out, "PublicTest accuracy "));  // what was measured is not lost
}
