#include "common/did_you_mean.hpp"
#include "common/help.hpp"
#include "integration/cli.hpp"
#include "mien/core/text.hpp"

using namespace mien::test;

namespace {

std::string error_of(const ProgramResult& result) {
  CHECK(result.exit_code == 2);
  CHECK(result.out.empty());
  return result.err;
}

}  // namespace

TEST_CASE("help stays within 100 columns, in groups, with examples", "[cli]") {
  for (const auto& [help, heading] : {std::pair{fertrain({"--help"}).out, "\nLearning:\n"},
                                      std::pair{ferpredict({"--help"}).out, "\nFaces:\n"}}) {
    INFO(help);
    for (const std::string_view line : mien::split(help, '\n')) CHECK(line.size() <= apps::kHelpWidth);
    CHECK(contains(help, heading));
    CHECK(contains(help, "\nUsage: fer"));
    CHECK(contains(help, "\nExamples:\n  fer"));
    CHECK_FALSE(contains(help, apps::kOtherOptions));  // whoever adds an option says where it belongs: text.cpp
  }
}

TEST_CASE("an option that is not there leads to one that is", "[cli]") {
  CHECK(contains(error_of(fertrain({"--csv", "x", "--epoch", "3"})), "did you mean --epochs?"));
  CHECK(contains(error_of(fertrain({"--csv", "x", "--qiet"})), "did you mean --quiet?"));
  CHECK(contains(error_of(fertrain({"--csv", "x", "--time_limit=3m"})), "did you mean --time-limit?"));
  CHECK(contains(error_of(ferpredict({"x.jpg", "--emoticons-style", "emoji"})),
                 "did you mean --emoticon-style?"));
  CHECK_FALSE(contains(error_of(ferpredict({"x.jpg", "--nothing-like-it"})), "did you mean"));
  const mien::test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "my pets");
  const std::string pets = (folder / "my pets").string(), here = folder.path().string();
  CHECK(contains(error_of(fertrain({pets})), "did you mean --data '" + pets + "'?"));
  CHECK_FALSE(contains(error_of(fertrain({pets, here})), "did you mean"));
  CHECK_FALSE(contains(error_of(fertrain({"--data", here, pets})), "did you mean"));
  CHECK_FALSE(contains(error_of(fertrain({pets + "/nothing"})), "did you mean"));
  CHECK(contains(error_of(fertrain({"--csvv", here})), "did you mean --csv?"));
  CHECK(contains(error_of(fertrain({"--resum", here})), "did you mean --resume?"));
  const Workplace place;
  const std::string file = place.write("options.ini", "epoch = 3\n");
  CHECK(contains(error_of(fertrain({"--csv", "x", "--config", file})), "did you mean --epochs?"));
}

TEST_CASE("a word leads to the one most like it") {
  const std::vector<std::string> words = {"--model", "--model-info", "--mirror", "--lr"};
  CHECK(apps::most_like("--modle", words) == "--model");
  CHECK(apps::most_like("--model_info", words) == "--model-info");
  CHECK(apps::most_like("--MIRROR", words) == "--mirror");
  CHECK(apps::most_like("--lt", words) == "--lr");
  CHECK(apps::most_like("--mod", words) == "--model");
  CHECK(apps::most_like("--zebra", words).empty());
  CHECK(apps::most_like("--", words).empty());
}

TEST_CASE("text is broken between words") {
  CHECK(apps::wrapped("one two three", 0, 2, 8) == "one two\n  three\n");
  CHECK(apps::wrapped("one two three", 5, 0, 8) == "one\ntwo\nthree\n");
  CHECK(apps::wrapped("a-word-too-long for it", 0, 0, 8) == "a-word-too-long\nfor it\n");
  CHECK(apps::wrapped("", 0, 0, 8) == "\n");
}
