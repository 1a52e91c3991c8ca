#include "mien/model/work.hpp"

#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::model::ModelFile;
using mien::model::ModelSpec;
using mien::test::error_of;

namespace {

double operations_of(const char* spec) {
  ModelFile model;
  model.spec = ModelSpec::from_text(spec);
  return mien::model::operations(model);
}

}  // namespace

TEST_CASE("operations count multiply-adds, windows, and some for every value") {
  CHECK(operations_of("input 1 8 8 | dense 10") == 640 + 16 * 10);
  CHECK(operations_of("input 1 8 8 | conv 4 3 same | dense 2") == 64 * 4 * 9 + 16 * 256 + 512 + 32);
  CHECK(operations_of("input 3 8 8 | avgpool 5 1 same") == 3 * 64 * 25);
  CHECK(operations_of("input 3 8 8 | maxpool 2 2") == 3 * 16 * 4);
  CHECK(operations_of("input 3 8 8 | globalpool") == 3 * 64);
  CHECK(operations_of("input 9 8 8 | lrn 2 1 1 0.5") == 9 * 64 * (16 + 5));
  CHECK(operations_of("input 9 8 8 | lrn 1024 1 1 0.5") == 9 * 64 * (16 + 9));
}

TEST_CASE("networks that come along take less than is allowed") {
  for (const char* name : {"small", "large", "faces", "points"}) {
    const ModelFile model =
        mien::model::read_model(MIEN_SAMPLE_FOLDER "/models/" + std::string(name) + ".safetensors");
    CHECK(mien::model::operations(model) < mien::model::ModelLimits().max_operations / 2);
  }
}

TEST_CASE("a model that takes more operations than allowed is refused") {
  const mien::test::TemporaryFolder folder;
  const std::string path = (folder / "m").string();
  ModelFile model;
  model.name = "m";
  std::string spec = "input 1 2048 2048";
  for (int i = 0; i < 60; ++i) spec += " | avgpool 15 1 same";
  model.spec = ModelSpec::from_text(spec + " | globalpool");
  model.labels = {"a"};
  mien::model::write_model(path, model);
  CHECK(error_of([&] { mien::model::read_model(path); }) ==
        path + ": predicting an image takes 56.6 G operations, at most 25.0 G are allowed (--max-operations)");
  CHECK_NOTHROW(mien::model::read_model(path, {.max_operations = 6e10}));
  CHECK_NOTHROW(mien::model::read_model(path, mien::model::kNoModelLimits));
}
