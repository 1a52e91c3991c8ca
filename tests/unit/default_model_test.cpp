#include "ferpredict/default_model.hpp"

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("the default model is the named one, else the first that is there") {
  using ferpredict::default_model;
  const mien::test::TemporaryFolder folder;
  const std::filesystem::path there = folder / "there", gone = folder / "gone", too = folder / "gone too";
  mien::write_file_atomically(there, "a model");
  CHECK(default_model("named", {there}) == "named");
  CHECK(default_model(nullptr, {gone, there}) == there);
  CHECK(default_model("", {there, gone}) == there);
  try {
    (void)default_model("", {gone, too});
    FAIL("found one");
  } catch (const mien::ArgumentError& error) {
    const std::string message = error.what();
    for (const std::string& part :
         {std::string("--model FILE"), std::string("MIEN_MODEL"), gone.string(), too.string()}) {
      INFO(part);
      CHECK(message.find(part) != message.npos);
    }
  }
}

TEST_CASE("models lie below the folder a program is installed in, and in the source tree") {
  const auto places = ferpredict::model_places("../share/m", "/source/m");
  REQUIRE(places.size() == 2);
  CHECK(places[0].is_absolute());
  CHECK(places[0] == places[0].lexically_normal());
  CHECK(places[0].filename() == "m");
  CHECK(places[0].parent_path().filename() == "share");
  CHECK(places[1] == "/source/m");
}
