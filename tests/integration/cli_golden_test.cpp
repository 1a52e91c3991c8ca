// Files that version 0.1.0 wrote, goldens/first: every later version reads them. They are not to be made anew:
// made by
//   fertrain --data rows.csv --model tiny.spec --recipe best --seed 3 --steps 40 --batch 6 --eval-every 10
//   --out run ferpredict --model run --convert int8.safetensors
// What a later version writes otherwise gets a folder of its own beside them.
#include "cli.hpp"

namespace {

using namespace mien::test;

struct Golden : TemporaryFolder {
  Golden() {
    std::filesystem::copy(MIEN_GOLDENS_FOLDER "/first", path(), std::filesystem::copy_options::recursive);
  }
  std::string operator/(const std::string& name) const { return (path() / name).string(); }
};

}  // namespace

TEST_CASE("models of the first version are read and give what they gave", "[cli]") {
  const Golden golden;
  for (const auto& [model, ece] : {std::pair("run", 0.3355), std::pair("run/last.safetensors", 0.3),
                                   std::pair("int8.safetensors", 0.3369)}) {
    CAPTURE(model);
    const std::string report = golden / "report.json";
    const ProgramResult result =
        ferpredict({"--model", golden / model, "--data", golden / "rows.csv", "--report", report});
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    const mien::Json json = json_of(read_text(report));
    CHECK(json.at("accuracy").as_number() == 1.0);
    if (std::string(model) != "run/last.safetensors") CHECK(std::abs(json.at("ece").as_number() - ece) < 0.002);
    CHECK(contains(ferpredict({"--model", golden / model, "--model-info"}).out, ", verified\n"));
  }
}

TEST_CASE("a run of the first version goes on", "[cli]") {
  const Golden golden;
  const ProgramResult result =
      fertrain({"--resume", golden / "run", "--data", golden / "rows.csv", "--steps", "60", "--threads", "1"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(checkpoint_of(golden.path() / "run").at("steps").as_integer() == 60);
  const auto rows = csv_of(read_text(golden / "run/metrics.csv"));
  REQUIRE(rows.size() == 7);
  CHECK(rows[1].at(0) == "10");
  CHECK(rows[6].at(0) == "60");
  CHECK(fertrain({"--compare", golden / "run", golden / "run", "--out", golden / "c.html"}).exit_code == 0);
}
