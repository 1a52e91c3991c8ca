#include "mien/model/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "model/half.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::ArgumentError;
using mien::DataError;
using mien::MappedFile;
using mien::Shape;
using mien::Tensor;
using namespace mien::model;
using mien::test::TemporaryFolder;
using namespace std::string_literals;
using mien::test::error_of;

namespace {

constexpr std::size_t kLimit = std::size_t{1} << 24;

std::string length_prefix(std::uint64_t length) {
  std::string bytes(8, '\0');
  for (char& c : bytes) {
    c = static_cast<char>(length & 255);
    length >>= 8;
  }
  return bytes;
}

std::string container(const std::string& header, const std::string& data) {
  return length_prefix(header.size()) + header + data;
}

SafetensorsFile parse(const std::string& bytes) {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return SafetensorsFile(MappedFile::from_bytes(std::vector<std::byte>(begin, begin + bytes.size()), "m"));
}

std::string parse_error(const std::string& bytes) {
  return error_of<DataError>([&] { parse(bytes); });
}

/// The error for a header before `data` bytes of zeros.
std::string header_error(const std::string& header, std::size_t data = 0) {
  return parse_error(container(header, std::string(data, '\0')));
}

std::string shape_error(const std::string& shape, std::size_t data, const std::string& dtype = "F32") {
  const std::string end = std::to_string(data);
  return header_error(
      R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":[0,)" + end + "]}}", data);
}

std::string offsets_error(const std::string& offsets) {
  return header_error(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":)" + offsets + "}}", 4);
}

std::vector<NamedTensor> some_tensors() {
  return {{"conv1.weight", Tensor::from({2, 1, 2}, std::vector<float>{1.5f, -0.0f, 3e-42f, 3e38f})},
          {"scalar", Tensor::from({}, std::vector<float>{7})},
          {"empty", Tensor({3, 0, 2})},
          {"\u00e9\"\\\n\U0001F600", Tensor::full({3}, 0.1f)},
          {"", Tensor::full({1, 1, 1, 1, 1, 2}, -1)}};
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("tensors and metadata read back as they were written") {
  const TemporaryFolder folder;
  const std::vector<NamedTensor> tensors = some_tensors();
  const Metadata metadata = {{"labels", "[\"angry\"]"}, {"a", ""}, {"\u03b1\n", "\u20ac\"\0"s}};
  write_safetensors(folder / "m.safetensors", metadata, tensors);
  const SafetensorsFile opened = SafetensorsFile::open(folder / "m.safetensors");
  CHECK(opened.metadata() == metadata);
  REQUIRE(opened.tensors().size() == tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    CHECK(opened.tensors()[i].name == tensors[i].name);
    CHECK(opened.tensors()[i].dtype == DType::f32);
    CHECK(opened.contains(tensors[i].name));
    CHECK(same_bits(opened.tensor(tensors[i].name), tensors[i].tensor));
  }
  CHECK_FALSE(opened.contains("conv1.weigh"));
  CHECK(opened.find("scalar")->shape.rank() == 0);
  CHECK(opened.find("empty")->bytes.empty());
}

TEST_CASE("a file that is moved keeps its entries") {
  const TemporaryFolder folder;
  write_safetensors(folder / "m", {}, some_tensors());
  SafetensorsFile first = SafetensorsFile::open(folder / "m");
  SafetensorsFile second = std::move(first);
  SafetensorsFile third = parse(container("{}", ""));
  third = std::move(second);
  CHECK(third.tensor("scalar").values()[0] == 7.0f);
  CHECK(third.path() == folder / "m");
}

TEST_CASE("the bytes written are those of the format, with the data at a multiple of 128") {
  const TemporaryFolder folder;
  const std::vector<NamedTensor> tensors = {{"b", Tensor::from({2}, std::vector<float>{1, -2})},
                                            {"a", Tensor::full({1, 1}, 0.5f)}};
  write_safetensors(folder / "m", {{"y", "2"}, {"x", "1"}}, tensors);
  // The digests by Python's zlib.
  const std::string header =
      R"({"__metadata__":{"x":"1","y":"2","mien.crc32":"cfe2fbf9","mien.crc32.b":"c3872656",)"
      R"("mien.crc32.a":"9722f221"},)"
      R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
      R"("a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}})";
  REQUIRE(header.size() == 219);
  const std::string padded = header + std::string(256 - 8 - 219, ' ');
  const std::string data = "\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\x00\x3f"s;
  CHECK(mien::read_file(folder / "m", kLimit) == container(padded, data));
  write_safetensors(folder / "none", {}, std::span<const NamedTensor>());
  const std::string none = R"({"__metadata__":{"mien.crc32":"f15f42d8"}})";
  CHECK(mien::read_file(folder / "none", kLimit) == container(none + std::string(120 - none.size(), ' '), ""));
  CHECK(SafetensorsFile::open(folder / "none").tensors().empty());
}

TEST_CASE("a file made by hand is read, in any order and at any alignment") {
  const std::string header = R"({ "w" : {"data_offsets":[1,9],"shape":[2],"dtype":"F32"},
    "i":{"dtype":"I8","shape":[],"data_offsets":[0,1]} , "__metadata__":{"k":"v"}}  )";
  const SafetensorsFile file = parse(container(header, "\xfe\x00\x00\x80\x3f\x00\x00\x00\xc0"s));
  CHECK(file.metadata() == Metadata{{"k", "v"}});
  REQUIRE(file.tensors().size() == 2);
  CHECK(file.tensors()[0].name == "i");
  CHECK(file.tensors()[0].dtype == DType::i8);
  CHECK(file.tensors()[0].bytes[0] == std::byte{0xfe});
  const Tensor w = file.tensor("w");
  CHECK(w.shape() == Shape{2});
  CHECK(w.values()[0] == 1.0f);
  CHECK(w.values()[1] == -2.0f);
  CHECK(error_of<DataError>([&] { file.tensor("i"); }) ==
        "m: tensor \"i\": expected F32, F16 or BF16, found I8");
  CHECK(error_of<DataError>([&] { file.tensor("x\n"); }) == "m: no tensor \"x\\x0a\"");
}

TEST_CASE("tensors in F16 and BF16 are read as fp32, every value exactly") {
  const auto one = [](const std::string& dtype, const std::string& data) {
    // At an odd place.
    const std::string header = R"({"i":{"dtype":"I8","shape":[],"data_offsets":[0,1]},"h":{"dtype":")" + dtype +
                               R"(","shape":[)" + std::to_string(data.size() / 2) + R"(],"data_offsets":[1,)" +
                               std::to_string(1 + data.size()) + "]}}";
    const SafetensorsFile file = parse(container(header, "\x01" + data));
    const Tensor copy = file.tensor("h"), mapped = file.mapped_tensor("h");
    REQUIRE(std::equal(
        copy.values().begin(), copy.values().end(), mapped.values().begin(),
        [](float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }));
    return std::vector<float>(copy.values().begin(), copy.values().end());
  };
  // 1, -2, the largest, the smallest normal, the largest and the smallest subnormal, -0, 1/3.
  const std::vector<float> half =
      one("F16", "\x00\x3c\x00\xc0\xff\x7b\x00\x04\xff\x03\x01\x00\x00\x80\x55\x35"s);
  CHECK(half == std::vector<float>{1, -2, 65504, 0x1p-14f, 1023 * 0x1p-24f, 0x1p-24f, -0.0f, 1365 * 0x1p-12f});
  CHECK(std::signbit(half[6]));
  const std::vector<float> special = one("F16", "\x00\x7c\x00\xfc\x01\x7e\x01\x7c\x01\x80"s);
  CHECK(special[0] == std::numeric_limits<float>::infinity());
  CHECK(special[1] == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(special[2]));
  CHECK(std::isnan(special[3]));
  CHECK(special[4] == -0x1p-24f);
  CHECK(one("BF16", "\x80\x3f\x49\xc0"s) == std::vector<float>{1, -3.140625f});
  CHECK(one("F16", "").empty());

  // All values in order: each larger than the one before, by the step of its power of two.
  for (std::uint32_t bits = 1; bits < 0x7c00; ++bits) {
    const int power = std::max(static_cast<int>(bits >> 10), 1) - 25;
    const float below = mien::model::from_f16(static_cast<std::uint16_t>(bits - 1));
    const float value = mien::model::from_f16(static_cast<std::uint16_t>(bits));
    const int step = std::max(static_cast<int>((bits - 1) >> 10), 1) - 25;
    REQUIRE(value - below == std::ldexp(1.0f, step));
    REQUIRE(std::ilogb(value) <= power + 10);
    REQUIRE(mien::model::from_f16(static_cast<std::uint16_t>(bits | 0x8000)) == -value);
  }
}

TEST_CASE("mapped tensors lie in the file where they are aligned there, and keep it") {
  const std::string values("\0\0\x80\x3f\0\0\0\x40", 8);
  for (const std::size_t padding : {0, 1}) {
    CAPTURE(padding);
    std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    header += std::string((8 - (8 + header.size()) % 8) % 8 + padding, ' ');
    Tensor tensor;
    {
      const SafetensorsFile file = parse(container(header, values));
      tensor = file.mapped_tensor("a");
      const void* in_file = file.find("a")->bytes.data();
      CHECK((static_cast<const void*>(tensor.data()) == in_file) == (padding == 0));
      CHECK(error_of<DataError>([&] { (void)file.mapped_tensor("b"); }) == "m: no tensor \"b\"");
    }
    CHECK(tensor.data()[0] == 1.0f);
    CHECK(tensor.data()[1] == 2.0f);
  }
}

TEST_CASE("every dtype is written and read with its size") {
  const TemporaryFolder folder;
  const std::vector<std::pair<DType, std::size_t>> dtypes = {
      {DType::f64, 8}, {DType::f32, 4}, {DType::f16, 2},    {DType::bf16, 2}, {DType::i64, 8},
      {DType::i32, 4}, {DType::i16, 2}, {DType::i8, 1},     {DType::u64, 8},  {DType::u32, 4},
      {DType::u16, 2}, {DType::u8, 1},  {DType::boolean, 1}};
  const std::vector<std::byte> bytes(24, std::byte{1});
  std::vector<TensorEntry> entries;
  for (const auto& [dtype, size] : dtypes) {
    CHECK(bytes_of(dtype) == size);
    entries.push_back({std::string(to_string(dtype)), dtype, Shape{3}, std::span(bytes).first(3 * size)});
  }
  write_safetensors(folder / "m", {}, entries);
  const SafetensorsFile file = SafetensorsFile::open(folder / "m");
  REQUIRE(file.tensors().size() == dtypes.size());
  for (std::size_t i = 0; i < dtypes.size(); ++i) {
    CHECK(file.tensors()[i].dtype == dtypes[i].first);
    CHECK(file.tensors()[i].bytes.size() == 3 * dtypes[i].second);
  }
  CHECK(to_string(DType::bf16) == "BF16");
  CHECK(to_string(DType::boolean) == "BOOL");
  CHECK(to_string(DType::u8) == "U8");
}

TEST_CASE("a file cut short at any byte is refused") {
  const TemporaryFolder folder;
  write_safetensors(folder / "m", {{"k", "v"}}, some_tensors());
  const std::string whole = mien::read_file(folder / "m", kLimit);
  REQUIRE_NOTHROW(parse(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(parse(whole.substr(0, size)), DataError);
  }
  CHECK(parse_error(whole + "x") == "m: 1 bytes behind the last tensor");
}

TEST_CASE("header lengths that lie are refused") {
  CHECK(parse_error("") == "m: too short for a safetensors file");
  CHECK(parse_error(std::string(7, '\0')) == "m: too short for a safetensors file");
  CHECK(parse_error(length_prefix(0)) == "m: the header does not begin with '{'");
  CHECK(parse_error(length_prefix(3) + "{}") ==
        "m: the header of 3 bytes does not fit the file, it is cut short or damaged");
  CHECK(parse_error(length_prefix(100'000'000) + "{}") ==
        "m: the header of 100000000 bytes does not fit the file, it is cut short or damaged");
  for (const std::uint64_t length :
       {std::uint64_t{100'000'001}, std::uint64_t{1} << 60, UINT64_MAX, UINT64_MAX - 7}) {
    CHECK(parse_error(length_prefix(length) + "{}") ==
          "m: not a safetensors file, or its header of " + std::to_string(length) + " bytes is too long");
  }
}

TEST_CASE("headers that are not what the format asks for are refused") {
  CHECK(header_error(" {}") == "m: the header does not begin with '{'");
  CHECK(header_error("[]") == "m: the header does not begin with '{'");
  CHECK(header_error("{} x") == "m: header:1:4: expected the end of the text, found \"x\"");
  CHECK(header_error("{\"w\":[]}") == "m: tensor \"w\": expected an object, found an array");
  CHECK(header_error("{\"w\":{}}") == "m: tensor \"w\": missing \"dtype\"");
  CHECK(header_error(R"({"w":{"dtype":"F32"}})") == "m: tensor \"w\": missing \"shape\"");
  CHECK(header_error(R"({"w":{"dtype":"F32","shape":[0]}})") == "m: tensor \"w\": missing \"data_offsets\"");
  CHECK(header_error(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}})") ==
        "m: tensor \"w\": unknown field \"x\"");
  CHECK(header_error(R"({"w":{"dtype":"F32","dtype":"F32"}})") == "m: header:1:21: duplicate key \"dtype\"");
  CHECK(header_error(R"({"w":1,"w":2})") == "m: header:1:8: duplicate key \"w\"");
  CHECK(header_error(R"({"w":{"dtype":3,"shape":[0],"data_offsets":[0,0]}})") ==
        "m: tensor \"w\" dtype: expected a string, found an integer");
  CHECK(header_error("{\"w\":{\"x\":[[]]}}") == "m: header:1:12: nested deeper than 3");
  CHECK(header_error("{\"\xff\":1}") == "m: header:1:3: not UTF-8: \"\\xff\"");
  CHECK(header_error("{\"" + std::string(1025, 'n') + "\":{}}") ==
        "m: tensor \"" + std::string(80, 'n') + "\"...: the name is too long");
  CHECK(header_error("{\"\x7f\":1}") == "m: tensor \"\\x7f\": expected an object, found an integer");
}

TEST_CASE("metadata must map text to text") {
  CHECK(header_error(R"({"__metadata__":[]})") == "m: __metadata__: expected an object, found an array");
  CHECK(header_error(R"({"__metadata__":{"k":1}})") ==
        "m: __metadata__ \"k\": expected a string, found an integer");
  CHECK(header_error(R"({"__metadata__":{"k":{}}})") ==
        "m: __metadata__ \"k\": expected a string, found an object");
}

TEST_CASE("shapes that are hostile or do not match their bytes are refused") {
  CHECK(shape_error("[1,1,1,1,1,1]", 4) == "no error");
  CHECK(shape_error("[1,1,1,1,1,1,1]", 4) == "m: tensor \"w\": at most 6 extents, found 7");
  CHECK(shape_error("[-1]", 4) == "m: tensor \"w\": [shape] negative extent -1");
  CHECK(shape_error("[1.0]", 4) == "m: tensor \"w\" shape: expected an integer, found a number");
  CHECK(shape_error("1", 4) == "m: tensor \"w\" shape: expected an array, found an integer");
  CHECK(shape_error("[4294967296,4294967296]", 0) == "m: tensor \"w\": [shape] too many elements");
  CHECK(shape_error("[4294967296,4294967296,0]", 0) == "m: tensor \"w\": [shape] too many elements");
  CHECK(shape_error("[18446744073709551617]", 4) == "m: header:1:30: number out of range");
  // 2^61 elements of 8 bytes are 0 bytes when the product wraps.
  CHECK(shape_error("[2305843009213693952]", 0, "F64") == "m: tensor \"w\": [shape] too many elements");
  CHECK(shape_error("[576460752303423488]", 0, "F64") ==
        "m: tensor \"w\": 0 bytes do not hold 576460752303423488 of F64");
  CHECK(shape_error("[2]", 4) == "m: tensor \"w\": 4 bytes do not hold 2 of F32");
  CHECK(shape_error("[0]", 4) == "m: tensor \"w\": 4 bytes do not hold 0 of F32");
  CHECK(shape_error("[]", 8) == "m: tensor \"w\": 8 bytes do not hold scalar of F32");
  CHECK(shape_error("[1]", 4, "F8_E4M3") == "m: tensor \"w\": unknown dtype \"F8_E4M3\"");
  CHECK(shape_error("[1]", 4, "f32") == "m: tensor \"w\": unknown dtype \"f32\"");
}

TEST_CASE("offsets that are hostile are refused") {
  CHECK(offsets_error("[0,4]") == "no error");
  CHECK(offsets_error("[0,5]") == "m: tensor \"w\": data_offsets 0 .. 5 are not in 0 .. 4");
  CHECK(offsets_error("[4,0]") == "m: tensor \"w\": data_offsets 4 .. 0 are not in 0 .. 4");
  CHECK(offsets_error("[-4,0]") == "m: tensor \"w\": data_offsets -4 .. 0 are not in 0 .. 4");
  CHECK(offsets_error("[9223372036854775803,9223372036854775807]") ==
        "m: tensor \"w\": data_offsets 9223372036854775803 .. 9223372036854775807 are not in 0 .. 4");
  CHECK(offsets_error("[18446744073709551612,0]") == "m: header:1:48: number out of range");
  CHECK(offsets_error("[0,4.0]") == "m: tensor \"w\" data_offsets: expected an integer, found a number");
  CHECK(offsets_error("[0]") == "m: tensor \"w\": data_offsets are not two");
  CHECK(offsets_error("[0,4,4]") == "m: tensor \"w\": data_offsets are not two");
  CHECK(offsets_error("\"04\"") == "m: tensor \"w\" data_offsets: expected an array, found a string");
}

TEST_CASE("bytes that are shared, missing or belong to no tensor are refused") {
  const auto layout_error = [](const std::string& a, const std::string& b, std::size_t data) {
    const auto tensor = [](const std::string& range) {
      const auto comma = range.find(',');
      const int size = std::stoi(range.substr(comma + 1)) - std::stoi(range.substr(0, comma));
      return R"({"dtype":"U8","shape":[)" + std::to_string(size) + R"(],"data_offsets":[)" + range + "]}";
    };
    return header_error("{\"a\":" + tensor(a) + ",\"b\":" + tensor(b) + "}", data);
  };
  CHECK(layout_error("0,2", "2,4", 4) == "no error");
  CHECK(layout_error("2,4", "0,2", 4) == "no error");
  CHECK(layout_error("0,0", "0,4", 4) == "no error");
  CHECK(layout_error("4,4", "0,4", 4) == "no error");
  CHECK(layout_error("0,3", "2,4", 4) == "m: tensor \"b\": its bytes overlap another tensor's");
  CHECK(layout_error("0,4", "0,4", 4) == "m: tensor \"b\": its bytes overlap another tensor's");
  CHECK(layout_error("0,4", "2,2", 4) == "m: tensor \"b\": its bytes overlap another tensor's");
  CHECK(layout_error("0,1", "2,4", 4) == "m: tensor \"b\": its bytes leave a gap before them");
  CHECK(layout_error("1,2", "2,4", 4) == "m: tensor \"a\": its bytes leave a gap before them");
  CHECK(layout_error("0,2", "2,3", 4) == "m: 1 bytes behind the last tensor");
  CHECK(header_error("{}", 2) == "m: 2 bytes behind the last tensor");
}

TEST_CASE("the number of tensors is limited") {
  std::string header = "{";
  for (std::size_t i = 0; i <= SafetensorsLimits::kMaxTensors; ++i) {
    header += "\"" + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)";
  }
  header.back() = '}';
  CHECK(header_error(header) == "m: more than 65536 tensors");
  const std::size_t last = header.rfind(",\"65536\"");
  CHECK(header_error(header.substr(0, last) + "}") == "no error");
}

TEST_CASE("what cannot be written is refused before the file is touched") {
  const TemporaryFolder folder;
  const auto path = folder / "m";
  mien::write_file_atomically(path, "old");
  const auto error = [&](const std::vector<NamedTensor>& tensors, const Metadata& metadata = {}) {
    return error_of<ArgumentError>([&] { write_safetensors(path, metadata, tensors); });
  };
  const Tensor t({1});
  CHECK(error({{"a", t}, {"a", t}}) == "[safetensors] tensor \"a\" is given twice");
  CHECK(error({{"__metadata__", t}}) == "[safetensors] tensor \"__metadata__\" has a reserved name");
  CHECK(error({{"\xff", t}}) == "[safetensors] tensor \"\\xff\" has a name that is not UTF-8");
  CHECK(error({{"a", Tensor()}}) == "[safetensors] tensor \"a\" is undefined");
  CHECK(error({{std::string(1025, 'n'), t}}).ends_with("has too long a name"));
  CHECK(error({}, {{"k", "\xff"}}) == "[json] the string \"\\xff\" is not UTF-8");
  CHECK(error({}, {{"k", std::string(100'000'000, 'x')}}) == "[safetensors] the header is too long");
  const std::vector<TensorEntry> wrong = {{"a", DType::f16, Shape{3}, std::as_bytes(t.values())}};
  CHECK(error_of<ArgumentError>([&] { write_safetensors(path, {}, wrong); }) ==
        "[safetensors] tensor \"a\" of 3 has 4 bytes");
  CHECK(mien::read_file(path, kLimit) == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("a file that cannot be read or written is named") {
  const TemporaryFolder folder;
  const std::string missing = folder / "missing/m";
  const auto tensors = some_tensors();
  CHECK(error_of<DataError>([&] { write_safetensors(missing, {}, tensors); }) ==
        "[write] " + missing + ": No such file or directory");
  mien::write_file_atomically(folder / "file", "old");
  const std::string inside = folder / "file/m";
  CHECK(error_of<DataError>([&] { write_safetensors(inside, {}, tensors); }) ==
        "[write] " + inside + ": Not a directory");
  CHECK(mien::read_file(folder / "file", kLimit) == "old");
  CHECK(error_of<DataError>([&] { SafetensorsFile::open(missing); }) ==
        "[read] " + missing + ": No such file or directory");
  mien::write_file_atomically(folder / "text", "pixels,emotion\n0 1 2 3\n");
  CHECK(error_of<DataError>([&] {
          SafetensorsFile::open(folder / "text");
        }).starts_with((folder / "text").string() + ": not a safetensors file"));
}
