// Single bits flipped at random in a model in fp32, in one in int8, and in a checkpoint.
#include <string>
#include <vector>

#include "mien/core/file.hpp"
#include "mien/core/random.hpp"
#include "mien/model/model_file.hpp"
#include "mien/train/checkpoint.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"

using mien::model::SafetensorsFile;
using mien::test::make_trainer;

namespace {

using Bytes = std::vector<std::byte>;

constexpr int kFlips = 3334;  // of each of three files

SafetensorsFile in_memory(const Bytes& bytes) {
  return SafetensorsFile(mien::MappedFile::from_bytes(bytes, "m"));
}

/// How many of random flips `read` refuses; those that it does not are told.
template <typename Read>
int refused(const std::filesystem::path& path, const Read& read) {
  Bytes bytes = mien::read_file_bytes(path, std::size_t{1} << 24);
  REQUIRE_NOTHROW(read(bytes));
  mien::RandomStream random(0, mien::RandomPurpose::user, 1);
  int count = 0;
  for (int i = 0; i < kFlips; ++i) {
    const std::uint32_t at = random.next_below(static_cast<std::uint32_t>(bytes.size()));
    const auto bit = std::byte{1} << static_cast<int>(random.next_below(8));
    bytes[at] ^= bit;
    const std::string error = mien::test::error_of([&] { read(bytes); });
    if (error.starts_with("m: ")) {
      ++count;
    } else {
      UNSCOPED_INFO("byte " << at << ": " << error);
    }
    bytes[at] ^= bit;
  }
  return count;
}

void read_model(const Bytes& bytes) {
  (void)mien::model::read_model(in_memory(bytes));
}

}  // namespace

TEST_CASE("of ten thousand flipped bits none is believed") {
  const mien::test::TemporaryFolder folder;
  mien::train::TrainOptions options = mien::train::recipe("paper");
  options.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 6 5 same stride 4 | batchnorm | relu | dense 16 | relu | dense 7");
  options.batch = 8;
  options.average = 0.99f;
  mien::train::Trainer trainer = make_trainer(options);
  trainer.step();
  SECTION("a model in fp32") {
    mien::model::write_model(folder / "m", trainer.snapshot());
    CHECK(refused(folder / "m", read_model) == kFlips);
  }
  SECTION("a model in int8") {
    CHECK(refused(MIEN_SAMPLE_FOLDER "/models/small.safetensors", read_model) == kFlips);
  }
  SECTION("a checkpoint") {
    mien::train::write_checkpoint(folder / "c", trainer, {}, {}, mien::train::identify(mien::test::faces()));
    const auto read = [&](const Bytes& bytes) {
      const SafetensorsFile file = in_memory(bytes);
      (void)mien::train::read_checkpoint(file);
      mien::train::restore(trainer, file);
    };
    CHECK(refused(folder / "c", read) == kFlips);
  }
}
