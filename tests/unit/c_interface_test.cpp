#include <string>
#include <thread>
#include <vector>

#include "common/exit_codes.hpp"
#include "mien/c.h"
#include "mien/core/file.hpp"
#include "mien/model/model_file.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/temporary_folder.hpp"

namespace {

// What one reader says of the sample photo, and this thread's last error.
struct Answer {
  std::vector<float> probabilities;
  std::string error;
};

void read_photo(Answer& answer, const char* missing) {
  mien_reader* reader = nullptr;
  mien_reading* reading = nullptr;
  if (mien_open("small", nullptr, &reader) != MIEN_OK) return;
  if (mien_read_file(reader, MIEN_SAMPLE_FOLDER "/astronaut.jpg", &reading) == MIEN_OK &&
      mien_face_count(reading) == 1) {
    const float* p = mien_probabilities(reading, 0);
    answer.probabilities.assign(p, p + mien_class_count(reader));
  }
  mien_free_reading(reading);
  mien_close(reader);
  (void)mien_open(missing, nullptr, &reader);
  answer.error = mien_last_error();
}

}  // namespace

TEST_CASE("codes of the C interface are the programs' where they mean the same") {
  CHECK(MIEN_OK == apps::kOk);
  CHECK(MIEN_BAD_ARGUMENT == apps::kUsage);
  CHECK(MIEN_BAD_DATA == apps::kBadData);
  for (const int code : {int{MIEN_OUT_OF_MEMORY}, int{MIEN_UNEXPECTED}}) {
    for (const int other : {apps::kDiverged, apps::kNoFace, apps::kInterrupted}) CHECK(code != other);
  }
}

TEST_CASE("readers of the C interface work in several threads at once, each with errors of its own") {
  Answer one, other;
  std::thread thread([&] { read_photo(one, "missing-a"); });
  read_photo(other, "missing-b");
  thread.join();
  CHECK(one.probabilities.size() == 7);
  CHECK(one.probabilities == other.probabilities);
  CHECK(one.error.find("missing-a: ") == 0);
  CHECK(other.error.find("missing-b: ") == 0);
}

TEST_CASE("the C interface looks for models in the folder of MIEN_MODELS first") {
  const mien::test::TemporaryFolder folder;
  const mien::test::Environment named("MIEN_MODELS", folder.path().string());
  mien_reader* reader = nullptr;
  CHECK(mien_open("small", nullptr, &reader) == MIEN_OK);
  mien_close(reader);
  mien::write_file_atomically(folder / "small.safetensors", "no model");
  CHECK(mien_open("small", nullptr, &reader) == MIEN_BAD_DATA);
  CHECK(std::string(mien_last_error()).find((folder / "small.safetensors").string() + ": ") == 0);
}

TEST_CASE("the C interface refuses networks that take colors, since it reads in gray") {
  const mien::test::TemporaryFolder folder;
  const std::string path = (folder / "colors.safetensors").string();
  mien::model::ModelFile model;
  model.spec = mien::model::ModelSpec::from_text("input 3 4 4 | globalpool");
  model.labels = {"red", "green", "blue"};
  mien::model::write_model(path, model);
  mien_reader* reader = nullptr;
  CHECK(mien_open(path.c_str(), nullptr, &reader) == MIEN_BAD_DATA);
  CHECK(mien_last_error() == path + ": takes 3 channels, images are read in gray");
}
