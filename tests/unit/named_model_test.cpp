#include "common/named_model.hpp"

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace {

using apps::find_default_model;
using apps::find_model;
using mien::test::TemporaryFolder;
using Folders = std::vector<std::filesystem::path>;

// An empty file, its folder included.
std::string touch(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
  mien::write_file_atomically(file, "a model");
  return file.string();
}

}  // namespace

TEST_CASE("a model that comes along goes by its name, from the first folder that has it") {
  const TemporaryFolder folder;
  const Folders both = {folder / "a", folder / "b"};
  const std::string large = touch(folder / "b/large.safetensors");
  CHECK(find_model("large", both).file == large);
  CHECK(find_model("large", both).note.empty());
  const std::string first = touch(folder / "a/large.safetensors");
  CHECK(find_model("large", both).file == first);
  CHECK(mien::test::error_of([&] { (void)find_model("small", both); }) ==
        "small: this model comes along, but is not there; it would be " +
            (folder / "a/small.safetensors").string() + " or " + (folder / "b/small.safetensors").string());
}

TEST_CASE("a run's folder stands for its best weights, or else for its last") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  const std::string last = touch(folder / "run/last.safetensors");
  CHECK(find_model(run, {}).file == last);
  CHECK(find_model(run, {}).note == last + ": the run's last weights, since its best.safetensors is not there");
  const std::string best = touch(folder / "run/best.safetensors");
  CHECK(find_model(run + "/", {}).file == best);
  CHECK(find_model(run, {}).note.empty());
  touch(folder / "other/notes.txt");
  CHECK(mien::test::error_of([&] {
          (void)find_model((folder / "other").string(), {});
        }).starts_with((folder / "other").string() + ": neither best.safetensors nor last.safetensors"));
  // What cannot be looked at may be there.
  std::filesystem::create_symlink("best.safetensors", folder / "other/best.safetensors");
  CHECK(mien::test::error_of([&] {
          (void)find_model((folder / "other").string(), {});
        }).starts_with((folder / "other").string() + ": Too many levels of symbolic links"));
}

TEST_CASE("every other word is a file, and one that is not there is answered with names that are") {
  const TemporaryFolder folder;
  const std::string file = touch(folder / "weights");
  CHECK(find_model(file, {}).file == file);
  CHECK(mien::test::error_of([] { (void)find_model("smal", {}); }) ==
        "smal: No such file or directory; the models that come along are small and large");
}

TEST_CASE("the default model is the named one, else the first that comes along") {
  const TemporaryFolder folder;
  const Folders folders = {folder / "gone", folder / "there"};
  const std::string small = touch(folder / "there/small.safetensors"), file = touch(folder / "file");
  CHECK(find_default_model(file.c_str(), folders).file == file);
  CHECK(find_default_model(nullptr, folders).file == small);
  CHECK(find_default_model("", folders).file == small);
  CHECK(mien::test::error_of([&] {
          (void)find_default_model("smal", folders);
        }).starts_with("MIEN_MODEL=smal: No such file or directory; "));
  const std::string message =
      mien::test::error_of<mien::ArgumentError>([&] { (void)find_default_model("", {folder / "gone"}); });
  for (const std::string& part :
       {std::string("--model FILE"), std::string("MIEN_MODEL"), (folder / "gone/small.safetensors").string()}) {
    INFO(part);
    CHECK(message.find(part) != message.npos);
  }
}

TEST_CASE("models lie below the folder a program is installed in, and in the source tree") {
  const Folders folders = apps::model_folders();
  REQUIRE(folders.size() == 2);
  for (const std::filesystem::path& folder : folders) {
    CHECK(folder.is_absolute());
    CHECK(folder == folder.lexically_normal());
    CHECK(folder.filename() == "models");
  }
  CHECK(std::filesystem::exists(folders[1] / "small.safetensors"));

  const mien::test::Environment named("MIEN_MODELS", "/elsewhere");
  CHECK(apps::model_folders() == Folders{"/elsewhere", folders[0], folders[1]});
}

TEST_CASE("the library finds models by name without being told folders, in that of MIEN_MODELS first") {
  for (const char* name : {"small", "large", mien::model::kFaceModel, mien::model::kPointModel}) {
    INFO(name);
    CHECK(std::filesystem::exists(mien::model::find_model(name).file));
  }
  const TemporaryFolder folder;
  const mien::test::Environment named("MIEN_MODELS", folder.path().string());
  const std::string small = touch(folder / "small.safetensors");
  CHECK(mien::model::find_model("small").file == small);
}
