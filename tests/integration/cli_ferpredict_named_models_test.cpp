// What may stand for a model's file behind ferpredict's --model.
#include "cli.hpp"
#include "cli_images.hpp"

namespace {

using namespace mien::test;

// A run and a face.
class Named : public Workplace {
 public:
  Named() : first(train()) { write("face.png", encoded("png", face_pixels(3, 77))); }
  std::string face() const { return *this / "face.png"; }

  std::string first;
};

}  // namespace

TEST_CASE("a run's folder and the name of a model that comes along stand for a model's file everywhere",
          "[cli]") {
  const Named place;
  const std::string run = place / "run", face = place.face(), csv = place / "faces.csv";
  const auto same = [&](const std::vector<std::string>& rest) {
    const ProgramResult by_folder = ferpredict(std::vector<std::string>{"--model", run} + rest);
    INFO(by_folder.err);
    CHECK(by_folder.exit_code == 0);
    CHECK(by_folder.out == ferpredict(std::vector<std::string>{"--model", place.first} + rest).out);
  };
  same({face});
  same({"--model", "small", face});
  same({"--csv", csv});
  same({"--model-info"});
  for (const char* task : {"--convert", "--export-onnx", "--calibrate"}) {
    INFO(task);
    std::vector<std::string> words = {"--model", run, task, place / "written"};
    if (task == std::string("--calibrate")) words = words + std::vector<std::string>{"--csv", csv};
    CHECK(ferpredict(words).exit_code == 0);
    CHECK(std::filesystem::remove(place / "written"));
  }
  CHECK(ferpredict({face}, {.environment = {"MIEN_MODEL=" + run}}).out ==
        ferpredict({"--model", place.first, face}).out);
  const ProgramResult over = ferpredict({"--model", run, "--convert", place.first});
  CHECK(over.exit_code == 2);
  CHECK(contains(over.err, "would replace the model it comes from"));

  std::filesystem::remove(place.first);
  const ProgramResult last = ferpredict({"--model", run, face});
  CHECK(last.exit_code == 0);
  CHECK(last.err.starts_with(run + "/last.safetensors: the run's last weights"));
  const ProgramResult wrong = ferpredict({"--model", "smal", face});
  CHECK(wrong.exit_code == 3);
  CHECK(wrong.err == "smal: No such file or directory; the models that come along are small and large\n");
}

TEST_CASE("small is the model that comes along, and ./small what has this name here", "[cli]") {
  const Named place;
  std::filesystem::rename(place / "run", place / "small");
  const ProgramOptions there = {.folder = place.path()};
  const ProgramResult named = ferpredict({"--model", "small", "--model-info"}, there);
  CHECK(named.out.starts_with("model   small\n"));
  CHECK(named.err == "small: the model that comes along; what has this name here is ./small\n");
  const ProgramResult here = ferpredict({"--model", "./small", "--model-info"}, there);
  CHECK(here.out.starts_with("model   tiny\nfile    ./small/best.safetensors\n"));
  CHECK(here.err.empty());
  // Runs lie in runs/ where nothing else was said.
  std::filesystem::create_directories(place / "runs/paper");
  CHECK(contains(ferpredict({"--model", "paper", "--model-info"}, there).err,
                 "; there is a folder runs/paper\n"));
}
