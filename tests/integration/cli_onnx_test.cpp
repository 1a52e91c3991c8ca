// ONNX files of the command line: those of others come in, and ours come back.
#include "cli.hpp"
#include "cli_images.hpp"
#include "mien/model/onnx.hpp"
#include "support/onnx_maker.hpp"

namespace {

using namespace mien::test;

// A trained model, exported, and a face.
class Exported : public Workplace {
 public:
  Exported() : model(train({"--steps", "4", "--onnx"})) {
    write("face.png", encoded("png", face_pixels(3, 77)));
  }
  std::string answers(const std::string& file) const {
    const ProgramResult result = ferpredict({"--model", file, "--csv-out", *this / "face.png"});
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return result.out;
  }

  std::string model;
  std::string onnx = *this / "run/best.onnx";
  std::string out = *this / "out.safetensors";
};

// A dense layer of another's making, for seven classes.
std::string foreign() {
  OnnxMaker made({1, 48, 48});
  made.node("Flatten", {"x"}, "row").constant("m", mien::Tensor::full({48 * 48, 7}, 1e-3f));
  made.node("MatMul", {"row", "m"}, "y");
  return made.bytes();
}

}  // namespace

TEST_CASE("ferpredict --import-onnx gives back what --export-onnx wrote", "[cli]") {
  const Exported place;
  const ProgramResult result = ferpredict({"--import-onnx", place.onnx, place.out});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  CHECK(contains(result.err, place.out + ": "));
  CHECK(contains(result.err, " kB, from " + place.onnx + "\n"));
  CHECK(place.answers(place.out) == place.answers(place.model));
  const mien::model::ModelFile before = mien::model::read_model(place.model);
  const mien::model::ModelFile after = mien::model::read_model(place.out);
  CHECK(after.notes == before.notes);
  REQUIRE(after.sample_output.defined());
  for (mien::Index i = 0; i < after.sample_output.size(); ++i) {
    CHECK(after.sample_output.values()[static_cast<std::size_t>(i)] ==
          Approx(before.sample_output.values()[static_cast<std::size_t>(i)]).margin(1e-6));
  }
  CHECK(ferpredict({"--import-onnx", place.onnx, "/dev/null"}).exit_code == 0);
}

TEST_CASE("what an ONNX file does not say can be told", "[cli]") {
  const Exported place;
  const std::string file = place.write("gray.onnx", foreign());
  CHECK(ferpredict({"--import-onnx", file, place.out}).exit_code == 0);
  CHECK(mien::model::read_model(place.out).labels.back() == "class6");
  const ProgramResult told =
      ferpredict({"--import-onnx", file, place.out, "--labels", "a,b,c,d,e,f,g", "--pixel-scale", "1/255",
                  "--face-margin", "0.2", "--note", "from=elsewhere"});
  INFO(told.err);
  CHECK(told.exit_code == 0);
  const mien::model::ModelFile model = mien::model::read_model(place.out);
  CHECK(model.name == "gray");
  CHECK(model.labels == std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"});
  CHECK(model.normalization.scale == 1.0f / 255);
  CHECK(model.face_margin == 0.2f);
  CHECK(model.notes.at("from") == "elsewhere");
  CHECK(model.notes.at("onnx") == "opset 13");
  CHECK(contains(place.answers(place.out), "class") == false);
}

TEST_CASE("an import that cannot be carried out leaves no file and says why", "[cli]") {
  const Exported place;
  const std::string file = place.write("gray.onnx", foreign());
  const std::string cut = place.write("cut.onnx", foreign().substr(0, 100));
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string message;
  };
  const Case cases[] = {
      {{"--import-onnx", place / "none.onnx", place.out}, 3, "none.onnx: No such file or directory"},
      {{"--import-onnx", cut, place.out}, 3, cut + ": byte "},
      {{"--import-onnx", place.model, place.out}, 3, place.model + ": byte "},
      {{"--import-onnx", file, file}, 2, "would replace the file it comes from"},
      {{"--import-onnx", file}, 2, "--import-onnx"},
      {{"--import-onnx", file, place.out, "--labels", "a,b"}, 2, "2 labels for the 7 classes of " + file},
      {{"--import-onnx", file, place.out, "--labels", "a,a,b,c,d,e,f"},
       2,
       "label \"a\": expected printable names"},
      {{"--import-onnx", file, place.out, "--pixel-scale", "0"},
       2,
       "--pixel-scale \"0\": expected a number above 0"},
      {{"--import-onnx", file, place.out, "--pixel-scale", "1/x"}, 2, "--pixel-scale \"1/x\": expected"},
      {{"--import-onnx", place.onnx, place.out, "--pixel-scale", "2"}, 2, "says itself how pixels are scaled"},
      {{"--import-onnx", file, place.out, "--model", "small"}, 2, "--import-onnx takes no --model"},
      {{"--import-onnx", file, place.out, "--model-info"}, 2, "not both"},
      {{"--labels", "a", place / "face.png"}, 2, "--labels requires --import-onnx"},
      {{"--pixel-scale", "2", place / "face.png"}, 2, "--pixel-scale requires --import-onnx"},
  };
  for (const Case& c : cases) {
    const ProgramResult refused = ferpredict(c.arguments);
    INFO(c.message << " <- " << refused.err);
    CHECK(refused.exit_code == c.exit_code);
    CHECK(contains(refused.err, c.message));
    CHECK(refused.out.empty());
  }
  CHECK_FALSE(place.has("out.safetensors"));
  CHECK(read_text(file) == foreign());
}

TEST_CASE("fertrain --start takes a network as an ONNX file as it takes a model", "[cli]") {
  const Exported place;
  const auto start = [&](const std::string& from, const std::string& out) {
    return fertrain(place.training(out) + std::vector<std::string>{"--start", from, "--steps", "2"});
  };
  CHECK(start(place.model, "a").exit_code == 0);
  CHECK(start(place.onnx, "b").exit_code == 0);
  CHECK(read_text(place / "a/best.safetensors") == read_text(place / "b/best.safetensors"));

  const std::string file = place.write("gray.onnx", foreign());
  const ProgramResult other = start(file, "c");
  CHECK(other.exit_code == 3);
  CHECK(contains(other.err, "gray: dense1 (dense 7 nobias) is dense1 (dense 7) in the network asked for"));
  place.write("tiny.spec", "input 1 48 48 | dropout 0.1 | flatten | dense 7 nobias");
  // Nothing in the file says how images are prepared: the options do.
  CHECK(start(file, "d").exit_code == 0);
}
