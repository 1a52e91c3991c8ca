// What ferpredict makes of rows that are degraded first.
#include "cli.hpp"
#include "mien/image/degrade.hpp"

namespace {

using namespace mien::test;
using Words = std::vector<std::string>;

// A model and what measures it on the Training rows it knows.
class Measured : public Workplace {
 public:
  Measured()
      : measured{"--model", train({"--steps", "20"}), "--csv", *this / "faces.csv", "--usage", "Training"} {}
  mien::Json report_with(const Words& more) const { return report(measured + more); }

  Words measured;
};

// The rows after `texts`, one after the other, as a file of their own. With `mistaken` the first has another
// class's label, so that no model is right about all.
std::string degraded_csv(const Words& texts, bool mistaken = false) {
  std::string csv = kCsvHeader;
  std::uint64_t row = 0;
  for (int label = 0; label < 7; ++label) {
    for (std::uint64_t seed = 0; seed < 2; ++seed, ++row) {
      std::vector<std::uint8_t> pixels = face_pixels(label, seed);
      mien::RandomStream random(0, mien::RandomPurpose::augmentation, row);
      for (const std::string& text : texts) {
        mien::image::degrade(pixels.data(), pixels.data(), {48, 48}, mien::image::parse_degradation(text),
                             random);
      }
      csv += std::to_string(mistaken && row == 0 ? 1 : label) + "," + pixel_text(pixels) + ",Training\n";
    }
  }
  return csv;
}

double loss(const mien::Json& report) {
  return report.at("loss").as_number();
}

}  // namespace

TEST_CASE("ferpredict --degrade measures on rows degraded alike each time, and says so", "[cli]") {
  const Measured place;
  CHECK(place.report_with({}).find("degraded") == nullptr);
  const double clean = loss(place.report_with({}));
  for (const char* how : {"noise=25", "jpeg=5", "blur=3", "shrink=8", "gamma=3"}) {
    INFO(how);
    const mien::Json degraded = place.report_with({"--degrade", how});
    CHECK(degraded.at("degraded").as_string() == how);
    CHECK(loss(degraded) != clean);
    CHECK(place.report_with({"--threads", "1", "--degrade", how}) == degraded);
    place.write("degraded.csv", degraded_csv({how}));
    const mien::Json same =
        report({"--model", place.measured[1], "--csv", place / "degraded.csv", "--usage", "all"});
    CHECK(loss(same) == loss(degraded));
  }
  const mien::Json both =
      place.report_with({"--degrade", "blur=2", "--degrade", "noise=20", "--tta", "mirror"});
  CHECK(both.at("degraded").as_string() == "blur=2, noise=20");
  place.write("degraded.csv", degraded_csv({"blur=2", "noise=20"}));
  CHECK(loss(report({"--model", place.measured[1], "--csv", place / "degraded.csv", "--usage", "all", "--tta",
                     "mirror"})) == loss(both));
  const ProgramResult text = ferpredict(place.measured + Words{"--degrade", "noise=8"});
  CHECK(text.out.starts_with("Training (noise=8) accuracy "));
}

TEST_CASE("ferpredict --calibrate --degrade fits rows as they are and degraded, with figures of each",
          "[cli]") {
  const Measured place;
  place.write("faces.csv", degraded_csv({}, true));
  const std::string out = place / "calibrated.safetensors";
  const auto calibrated = [&](const Words& more) {
    const ProgramResult result = ferpredict(place.measured + Words{"--calibrate", out} + more);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return result.out;
  };
  const Words degradations = {"--degrade", "noise=40", "--degrade", "jpeg=5"};
  const double clean = numbers(calibrated({}), "temperature").at(1);
  const double noisy_only = [&] {
    place.write("noisy.csv", degraded_csv({"noise=40"}, true));
    const ProgramResult result = ferpredict(
        {"--model", place.measured[1], "--csv", place / "noisy.csv", "--usage", "all", "--calibrate", out});
    return numbers(result.out, "temperature").at(1);
  }();
  const double noisy = numbers(calibrated({"--degrade", "noise=40"}), "temperature").at(1);
  CHECK(noisy > std::min(clean, noisy_only));
  CHECK(noisy < std::max(clean, noisy_only));

  const std::string table = calibrated(degradations);
  CHECK(table.starts_with("Training, 14 rows"));
  for (const Words& how : std::vector<Words>{{}, {"noise=40"}, {"jpeg=5"}}) {
    const std::string name = how.empty() ? "" : ", " + how[0];
    const Words options = how.empty() ? Words{} : Words{"--degrade", how[0]};
    INFO(table);
    const std::vector<double> nll = numbers(table, "NLL" + name), ece = numbers(table, "ECE" + name);
    CHECK(loss(place.report_with(options)) == Approx(nll.at(0)).margin(1e-4));
    CHECK(place.report_with(options).at("ece").as_number() == Approx(ece.at(0)).margin(1e-4));
    const mien::Json after =
        report(Words{"--model", out, "--csv", place / "faces.csv", "--usage", "Training"} + options);
    CHECK(loss(after) == Approx(nll.at(1)).margin(1e-4));
    CHECK(after.at("ece").as_number() == Approx(ece.at(1)).margin(1e-4));
  }
}

TEST_CASE("ferpredict refuses degradations that there are not, and rows that are not there", "[cli]") {
  const Measured place;
  const std::string face = place.write("face.pgm", "P5 1 1 255\n0");
  struct Case {
    Words arguments;
    const char* message;
  };
  const std::vector<Case> cases = {
      {place.measured + Words{"--degrade", "fog=1"},
       "--degrade: no such degradation \"fog=1\", expected one of blur=0..20, "},
      {place.measured + Words{"--degrade", "noise"}, "--degrade: no such degradation \"noise\""},
      {place.measured + Words{"--degrade", "jpeg=0"}, "jpeg=1..100"},
      {place.measured + Words{"--degrade", "blur=1e9"}, "blur=1e9"},
      {place.measured + Words{"--degrade", ""}, "--degrade"},
      {place.measured + Words{"--degrade", "noise=8", "jpeg=40"}, "either images or --csv, not both"},
      {{"--model", place.measured[1], face, "--degrade", "noise=8"}, "--degrade requires --csv"},
  };
  for (const Case& c : cases) {
    const ProgramResult refused = ferpredict(c.arguments);
    INFO(c.message << " <- " << refused.err);
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.err, c.message));
    CHECK(refused.out.empty());
  }
}
