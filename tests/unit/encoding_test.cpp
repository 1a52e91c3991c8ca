// Weights in bf16 and int8: their values, their files, and what a session computes with them.
#include "mien/model/encoding.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/onnx.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/nn/network.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mien;
using namespace mien::model;
using mien::testing::reals;

Tensor values(const Shape& shape, unsigned seed) {
  return Tensor::from(shape, reals(shape.size(), seed));
}

float through(Encoding encoding, float value) {
  return expand(encode(Tensor::full({1, 1}, value), encoding)).data()[0];
}

// Convolutions by both methods, batch normalization behind a convolution and a dense layer, a large first
// layer.
const char* const kSpec =
    "input 1 12 12 | conv 16 3 same | batchnorm | relu | conv 16 3 same | relu | maxpool 2 2 | lrn 2 1 0.01 "
    "0.75 "
    "| dense 70 | batchnorm | relu | dense 5";

ModelFile make_model(const std::string& spec_text = kSpec) {
  ModelFile model;
  model.name = "test";
  model.spec = ModelSpec::from_text(spec_text);
  for (Index c = 0; c < class_count(model.spec); ++c) model.labels.push_back("class" + std::to_string(c));
  nn::Network network = nn::build(model.spec);
  nn::initialize(network, nn::Scheme::he, 1);
  for (const auto* p : network.parameters()) model.weights.push_back({p->name, p->value});
  return model;
}

Tensor predict(const ModelFile& model, const Tensor& x) {
  infer::Session session(model, x.dim(0));
  Tensor result = Tensor::uninitialized({x.dim(0), session.class_count()});
  session.predict(result.mutable_data(), x.data(), x.dim(0));
  return result;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double{a.data()[i]} - double{b.data()[i]}));
  }
  return largest;
}

// The model as a file of `encoding` holds it, with a sample.
ModelFile converted(const ModelFile& model, Encoding encoding) {
  ModelFile result = with_encoding(model, encoding);
  result.sample_input = values({1, 1, 12, 12}, 5);
  result.sample_output = predict(result, result.sample_input);
  return result;
}

}  // namespace

TEST_CASE("encodings have names") {
  for (const Encoding encoding : {Encoding::f32, Encoding::bf16, Encoding::int8}) {
    CHECK(parse_encoding(to_string(encoding)) == encoding);
  }
  CHECK_THROWS_WITH(parse_encoding("f16"), "unknown dtype \"f16\", expected f32, bf16 or int8");
}

TEST_CASE("bf16 takes the nearest value, ties to even, and stays finite") {
  CHECK(through(Encoding::bf16, 1.0f) == 1.0f);
  CHECK(through(Encoding::bf16, -3.140625f) == -3.140625f);
  const float step = std::ldexp(1.0f, -7);  // between values from 1 to 2
  CHECK(through(Encoding::bf16, 1 + 0.5f * step) == 1.0f);
  CHECK(through(Encoding::bf16, 1 + 1.5f * step) == 1 + 2 * step);
  CHECK(through(Encoding::bf16, 1 + 0.51f * step) == 1 + step);
  CHECK(std::isfinite(through(Encoding::bf16, std::numeric_limits<float>::max())));
}

TEST_CASE("int8 is off by half a step of its channel at most") {
  for (const Shape& shape : {Shape{37, 9}, Shape{9, 3, 5, 5}}) {
    CAPTURE(shape.to_string());
    Tensor weight = values(shape, 1);
    const bool matrix = shape.rank() == 2;
    const auto channel = [&](Index i) { return matrix ? i % 9 : i / 75; };
    for (Index i = 0; i < weight.size(); ++i) {
      weight.mutable_data()[i] *= channel(i) == 4 ? 0.0f : std::pow(10.0f, static_cast<float>(channel(i) - 4));
    }
    const EncodedTensor encoded = encode(weight, Encoding::int8);
    REQUIRE(encoded.scale.shape() == Shape{9});
    CHECK(encoded.scale.data()[4] == 0.0f);
    const Tensor back = expand(encoded);
    for (Index i = 0; i < weight.size(); ++i) {
      REQUIRE(std::fabs(back.data()[i] - weight.data()[i]) <= 0.501f * encoded.scale.data()[channel(i)]);
    }
  }
  CHECK(through(Encoding::int8, std::numeric_limits<float>::denorm_min()) == 0.0f);
  CHECK(through(Encoding::int8, std::numeric_limits<float>::max()) > 3.4e38f);
  CHECK(std::isfinite(through(Encoding::int8, std::numeric_limits<float>::max())));
}

TEST_CASE("files of every encoding read back, keep vectors in fp32, and predict alike") {
  const test::TemporaryFolder folder;
  const ModelFile model = make_model();
  for (const Index n : {1, 4, 7}) {
    const Tensor x = values({n, 1, 12, 12}, 3);
    const Tensor expected = predict(model, x);
    for (const Encoding encoding : {Encoding::f32, Encoding::bf16, Encoding::int8}) {
      CAPTURE(n, to_string(encoding));
      const ModelFile written = converted(model, encoding);
      write_model(folder / "m", written);
      const ModelFile read = read_model(folder / "m");
      for (std::size_t i = 0; i < read.weights.size(); ++i) {
        const bool vector = read.weights[i].shape().rank() < 2;
        CHECK(read.weights[i].encoded.encoding == (vector ? Encoding::f32 : encoding));
        CHECK(largest_difference(expand(read.weights[i]), expand(written.weights[i])) == 0);
      }
      const Tensor probabilities = predict(read, x);
      CHECK(largest_difference(probabilities, predict(written, x)) == 0);
      CHECK(largest_difference(probabilities, expected) <= (encoding == Encoding::f32 ? 0 : 0.02));
    }
  }
}

TEST_CASE("a file whose tensors are all F16, or all BF16, reads as the fp32 values they stand for") {
  const test::TemporaryFolder folder;
  ModelFile model = make_model();
  model.normalization.mean = values({12, 12}, 8);
  model.normalization.inv_std = Tensor::full({12, 12}, 0.5f);
  write_model(folder / "m", model);
  const SafetensorsFile source = SafetensorsFile::open(folder / "m");
  for (const DType dtype : {DType::f16, DType::bf16}) {
    CAPTURE(to_string(dtype));
    std::map<std::string, std::vector<std::uint16_t>> bits;
    std::vector<TensorEntry> entries;
    for (const TensorEntry& entry : source.tensors()) {
      std::vector<std::uint16_t>& narrow = bits[entry.name];
      for (Index i = 0; i < entry.shape.size(); ++i) {  // any numbers that are no infinities, above 0
        narrow.push_back(
            static_cast<std::uint16_t>(dtype == DType::f16 ? 0x2c00 + i % 2048 : 0x3d00 + i % 256));
      }
      entries.push_back({entry.name, dtype, entry.shape, std::as_bytes(std::span(narrow))});
    }
    write_safetensors(folder / "narrow", source.metadata(), std::span<const TensorEntry>(entries));
    const SafetensorsFile file = SafetensorsFile::open(folder / "narrow");
    const ModelFile read = read_model(file);
    for (const Weight& weight : read.weights) {
      const bool in_place = dtype == DType::bf16 && weight.shape().rank() > 1;
      CHECK(weight.encoded.defined() == in_place);
      CHECK(largest_difference(expand(weight), file.tensor(weight.name)) == 0);
    }
    CHECK(largest_difference(read.normalization.mean, file.tensor("input.mean")) == 0);
    const Tensor x = values({3, 1, 12, 12}, 3);
    CHECK(largest_difference(predict(read, x), predict(with_encoding(read, Encoding::f32), x)) <= 1e-5);
  }
}

TEST_CASE("converting back to fp32 gives what the narrow weights stand for") {
  const Tensor x = values({3, 1, 12, 12}, 3);
  const ModelFile narrow = with_encoding(make_model(), Encoding::int8);
  const ModelFile wide = with_encoding(narrow, Encoding::f32);
  for (const Weight& weight : wide.weights) CHECK_FALSE(weight.encoded.defined());
  CHECK(largest_difference(predict(wide, x), predict(narrow, x)) <= 1e-5);
}

TEST_CASE("a model with narrow weights is exported to ONNX with the values they stand for") {
  const test::TemporaryFolder folder;
  const ModelFile narrow = with_encoding(make_model(), Encoding::int8);
  write_onnx(folder / "narrow", narrow);
  write_onnx(folder / "wide", with_encoding(narrow, Encoding::f32));
  CHECK(read_file_bytes(folder / "narrow", 1 << 20) == read_file_bytes(folder / "wide", 1 << 20));
}

TEST_CASE("weights that are not finite are neither converted nor exported") {
  const test::TemporaryFolder folder;
  for (const char* name : {"conv1.weight", "conv1.bias", "dense1.weight", "batchnorm2.running_var"}) {
    for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
      CAPTURE(name, bad);
      ModelFile model = make_model();
      for (Weight& weight : model.weights) {
        if (weight.name == name) weight.tensor.mutable_data()[weight.tensor.size() - 1] = bad;
      }
      const std::string message = "test: tensor " + std::string(name) + " holds NaN or infinity";
      for (const Encoding encoding : {Encoding::f32, Encoding::bf16, Encoding::int8}) {
        CHECK_THROWS_WITH(with_encoding(model, encoding), message);
      }
      CHECK_THROWS_AS(write_onnx(folder / "m", model), DataError);
      CHECK_FALSE(std::filesystem::exists(folder / "m"));
    }
  }
}

TEST_CASE("weights that were read outlive the file's reader, and writing to them leaves the file as it was") {
  const test::TemporaryFolder folder;
  const ModelFile model = make_model();
  write_model(folder / "m", model);
  ModelFile first = read_model(folder / "m");
  first.weights[0].tensor.mutable_data()[0] += 1;
  const ModelFile second = read_model(folder / "m");
  CHECK(second.weights[0].tensor.data()[0] == model.weights[0].tensor.data()[0]);
  CHECK(first.weights[0].tensor.data()[0] != second.weights[0].tensor.data()[0]);
}

TEST_CASE("a converted model without its new sample output is not written") {
  const test::TemporaryFolder folder;
  ModelFile model = with_encoding(converted(make_model(), Encoding::bf16), Encoding::int8);
  CHECK_THROWS_AS(write_model(folder / "m", model), ArgumentError);
}

TEST_CASE("files whose narrow weights do not hold together are refused, naming the tensor") {
  const test::TemporaryFolder folder;
  const std::string file = (folder / "m").string();
  const std::vector<std::byte> bytes(8 * 16 * 3);
  const auto error_of = [&](const std::vector<TensorEntry>& tensors) -> std::string {
    write_safetensors(file,
                      {{"mien.format", "1"},
                       {"mien.name", "x"},
                       {"mien.spec", "input 1 4 4 | dense 3"},
                       {"mien.labels", "[\"a\",\"b\",\"c\"]"},
                       {"mien.input", "{\"per_image\":\"none\",\"scale\":1.0}"}},
                      tensors);
    try {
      (void)read_model(folder / "m");
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  };
  const auto tensor = [&](const char* name, DType dtype, const Shape& shape, const void* data = nullptr) {
    const auto* begin = data == nullptr ? bytes.data() : static_cast<const std::byte*>(data);
    return TensorEntry{name, dtype, shape, {begin, static_cast<std::size_t>(shape.size()) * bytes_of(dtype)}};
  };
  const float not_a_number[3] = {1, std::nanf(""), 1};
  std::vector<std::uint16_t> infinite(48, 0x7f80);
  const TensorEntry weight = tensor("dense1.weight", DType::i8, {16, 3});
  const TensorEntry scale = tensor("dense1.weight.scale", DType::f32, {3});
  const TensorEntry bias = tensor("dense1.bias", DType::f32, {3});
  CHECK(error_of({scale, bias, weight}) == "no error");
  CHECK(error_of({tensor("dense1.weight", DType::bf16, {16, 3}), bias}) == "no error");

  CHECK(error_of({weight, bias}) == file + ": tensor dense1.weight.scale is missing");
  CHECK(error_of({weight, tensor("dense1.weight.scale", DType::f32, {16}), bias}) ==
        file + ": tensor dense1.weight.scale is 16, the spec needs 3");
  CHECK(error_of({weight, tensor("dense1.weight.scale", DType::bf16, {3}), bias}) ==
        file + ": tensor dense1.weight.scale is BF16, expected F32");
  CHECK(error_of({weight, tensor("dense1.weight.scale", DType::f16, {3}), bias}) ==
        file + ": tensor dense1.weight.scale is F16, expected F32");
  CHECK(error_of({weight, tensor("dense1.weight.scale", DType::f32, {3}, not_a_number), bias}) ==
        file + ": tensor dense1.weight.scale holds NaN or infinity");
  CHECK(error_of({tensor("dense1.weight", DType::bf16, {16, 3}, infinite.data()), bias}) ==
        file + ": tensor dense1.weight holds NaN or infinity");
  infinite.assign(48, 0x7c00);
  CHECK(error_of({tensor("dense1.weight", DType::f16, {16, 3}, infinite.data()), bias}) ==
        file + ": tensor dense1.weight holds NaN or infinity");
  for (const auto& [dtype, name] : {std::pair{DType::f64, "F64"}, std::pair{DType::i64, "I64"}}) {
    CHECK(error_of({tensor("dense1.weight", dtype, {16, 3}), bias}) ==
          file + ": tensor dense1.weight is " + name + ", expected F32, F16, BF16 or I8");
    CHECK(error_of({bias, tensor("dense1.weight", DType::f32, {16, 3}), tensor("counter", dtype, {1})}) ==
          file + ": tensor \"counter\" does not belong to the spec");
  }
  CHECK(error_of({weight, scale, tensor("dense1.bias", DType::i8, {3})}) ==
        file + ": tensor dense1.bias is I8, expected F32, F16 or BF16");
  CHECK(error_of({tensor("dense1.weight", DType::f32, {16, 3}), scale, bias}) ==
        file + ": tensor \"dense1.weight.scale\" does not belong to the spec");
}
