// Damage to safetensors files that have digests: any flipped bit is seen, and its place named.
#include <cstring>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/model/safetensors.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::DataError;
using mien::Shape;
using mien::Tensor;
using namespace mien::model;
using mien::test::error_of;
using mien::test::TemporaryFolder;

namespace {

std::string written(const Metadata& metadata, const std::vector<NamedTensor>& tensors) {
  const TemporaryFolder folder;
  write_safetensors(folder / "m", metadata, tensors);
  return mien::read_file(folder / "m", std::size_t{1} << 24);
}

std::string some_file() {
  return written({{"labels", R"(["angry","sad"])"}, {"note.a", "b\"c"}},
                 {{"w.one", Tensor::full({3}, 0.5f)},
                  {"w.two", Tensor::from({2}, std::vector<float>{1, -2})},
                  {"none", Tensor({0})}});
}

SafetensorsFile parse(const std::string& bytes) {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return SafetensorsFile(mien::MappedFile::from_bytes({begin, begin + bytes.size()}, "m"));
}

std::string damage_of(const std::string& bytes) {
  return error_of<DataError>([&] { parse(bytes).verify(); });
}

std::string flipped(std::string bytes, std::size_t at, int bit = 0) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
  return bytes;
}

}  // namespace

TEST_CASE("every single flipped bit of a small file is seen") {
  const std::string whole = some_file();
  REQUIRE(damage_of(whole) == "no error");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(at, bit);
      const std::string error = damage_of(flipped(whole, at, bit));
      REQUIRE(error != "no error");
      REQUIRE(error.starts_with("m: "));
    }
  }
}

TEST_CASE("metadata that look like a digest are none") {
  const std::string bytes = written({{"a\"mien.crc32", "abcdefgh"}}, {{"w", Tensor::full({3}, 0.5f)}});
  const SafetensorsFile file = parse(bytes);
  CHECK(file.metadata().at("a\"mien.crc32") == "abcdefgh");
  CHECK(file.has_digests());
  CHECK(damage_of(flipped(bytes, bytes.find("abcdefgh"))).find("the header is damaged") != std::string::npos);
}

TEST_CASE("damage is named: a tensor, metadata, or a field of the header") {
  const std::string whole = some_file();
  const auto at = [&](const std::string& text) { return damage_of(flipped(whole, whole.find(text))); };
  const std::string place = ", at \"";
  CHECK(at("angry").ends_with(place + "labels\""));
  CHECK(at("labels").ends_with(place + "labels\""));
  CHECK(at("c\",\"mien").ends_with(place + "note.a\""));
  CHECK(at("F32").ends_with(place + "w.one\""));
  CHECK(at("[2],").ends_with(place + "w.two\""));
  const std::string behind = damage_of(flipped(whole, whole.size() - 1));
  CHECK(behind ==
        "m: tensor \"w.two\" is damaged, or changed by a program that leaves its digests as they were");
  // More than one bit.
  std::string swapped = whole;
  std::swap(swapped[whole.find("angry")], swapped[whole.find("angry") + 3]);
  CHECK(damage_of(swapped) ==
        "m: the header is damaged, or changed by a program that leaves its digests as they were");
}

TEST_CASE("tensors are compared when their values are asked for") {
  const std::string damaged = flipped(some_file(), some_file().size() - 1);
  const SafetensorsFile file = parse(damaged);
  CHECK(file.has_digests());
  CHECK(file.tensor("w.one").values()[0] == 0.5f);
  CHECK_THROWS_AS(file.tensor("w.two"), DataError);
  CHECK_THROWS_AS(file.mapped_tensor("w.two"), DataError);
  CHECK_THROWS_AS(file.share(*file.find("w.two")), DataError);
}

TEST_CASE("files without digests are read, those that lack some are not") {
  const std::string header =
      R"({"__metadata__":{"k":"v"},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  const auto container = [](const std::string& text) {
    const std::uint64_t length = text.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes + text + "x";
  };
  const SafetensorsFile plain = parse(container(header));
  CHECK_FALSE(plain.has_digests());
  CHECK_NOTHROW(plain.verify());
  const auto with = [&](const std::string& more) {
    std::string text = header;
    return damage_of(container(text.replace(text.find("\"k\""), 0, more)));
  };
  CHECK(with("\"mien.crc32.w\":\"8cdc1683\",") == "m: the header is damaged: \"mien.crc32\" is missing");
  CHECK(with("\"mien.crc32\":\"8cdc1683\",").starts_with("m: the header is damaged"));
}

TEST_CASE("metadata with the name of a digest are not written") {
  for (const char* name : {"mien.crc32", "mien.crc32.w"}) {
    CHECK(error_of<mien::ArgumentError>([&] {
            written({{name, "x"}}, {});
          }) == "[safetensors] metadata \"" + std::string(name) + "\" is reserved");
  }
}
