// Files that a disk or another program has damaged: refused by name, or made good for.
#include "cli.hpp"

namespace {

using namespace mien::test;

// Flips the lowest bit of the last byte, which is a tensor's.
void flip_last(const std::string& path) {
  std::string bytes = read_text(path);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  mien::write_file_atomically(path, bytes);
}

// As files were before there were digests: the texts are there, but not under their names.
std::string without_digests(std::string bytes) {
  const std::string key = "mien.crc32";
  for (std::size_t at = bytes.find(key); at != bytes.npos; at = bytes.find(key)) bytes.replace(at, 4, "note");
  return bytes;
}

}  // namespace

TEST_CASE("models that are damaged are refused, and older ones without digests are read", "[cli]") {
  const Workplace place;
  const std::string model = place.train();
  const std::string whole = read_text(model);
  const auto info = [&] { return ferpredict({"--model", model, "--model-info"}); };
  CHECK(contains(info().out, "\ndigests of the header and 8 tensors, verified\n"));

  flip_last(model);
  for (const std::string task : {"--model-info", MIEN_SAMPLE_FOLDER "/face.png"}) {
    const ProgramResult refused = ferpredict({"--model", model, task});
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, model + ": tensor \"sample.output\" is damaged, or "));
  }
  std::string other = whole;
  other[whole.find("surprise")] ^= 4;  // a label that would go unnoticed
  place.write("run/best.safetensors", other);
  const ProgramResult refused = info();
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, ", at \"mien.labels\"\n"));

  place.write("run/best.safetensors", without_digests(whole));
  CHECK(contains(info().out, "\ndigests none: unverified\n"));
  const ProgramResult read = ferpredict({"--model", model, MIEN_SAMPLE_FOLDER "/face.png"});
  CHECK(read.exit_code == 0);
  CHECK_FALSE(contains(read.out + read.err, "verified"));
}

TEST_CASE("a damaged checkpoint is not resumed from, and damaged weights are supplied anew", "[cli]") {
  const Workplace place;
  const std::string best = place.train(), last = place / "run/last.safetensors";
  const std::string whole = read_text(last);
  const std::vector<std::string> resume = {"--resume", place / "run", "--steps", "6", "--threads", "1"};
  flip_last(last);
  const std::string before = read_text(best);
  const ProgramResult refused = fertrain(resume);
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, last + ": tensor \"checkpoint."));
  CHECK(read_text(best) == before);

  place.write("run/last.safetensors", whole);
  flip_last(best);
  const ProgramResult resumed = fertrain(resume);
  CHECK(resumed.exit_code == 0);
  CHECK(contains(read_text(place / "run/log.txt"), " is damaged, or "));
  CHECK(ferpredict({"--model", best, "--model-info"}).exit_code == 0);
}
