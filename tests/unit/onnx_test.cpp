// What is in an ONNX file. Whether another runtime computes the same from it: tests/bench/onnx.
#include "mien/model/onnx.hpp"

#include <cmath>
#include <numeric>
#include <set>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "support/catch.hpp"
#include "support/onnx_reader.hpp"
#include "support/temporary_folder.hpp"

using mien::Index;
using mien::Tensor;
using mien::image::PerImage;
using mien::model::ModelFile;
using mien::test::OnnxFile;
using mien::test::OnnxNode;
using Dims = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

namespace {

Tensor counting(const mien::Shape& shape, float first) {
  Tensor tensor(shape);
  std::iota(tensor.mutable_data(), tensor.mutable_data() + tensor.size(), first);
  return tensor;
}

ModelFile make_model(const std::string& spec) {
  ModelFile model;
  model.name = "test";
  model.spec = mien::model::ModelSpec::from_text(spec);
  for (Index c = 0; c < mien::model::class_count(model.spec); ++c)
    model.labels.push_back("class \"" + std::to_string(c) + "\"");
  float first = 1;
  for (const mien::model::PlannedLayer& layer : mien::model::plan(model.spec)) {
    for (const mien::model::ParameterSpec& parameter : layer.parameters) {
      model.weights.push_back({parameter.name, counting(parameter.shape, first)});
      first += 1000;
    }
  }
  return model;
}

OnnxFile exported(const ModelFile& model) {
  const mien::test::TemporaryFolder folder;
  mien::model::write_onnx(folder / "model.onnx", model);
  return mien::test::parse_onnx(mien::read_file(folder / "model.onnx", std::size_t{1} << 28));
}

// Every input of every node is given before it is used, and every value is used once at least.
void check_wiring(const OnnxFile& file) {
  std::set<std::string> known = {"image"};
  std::set<std::string> used = {"probabilities"};
  for (const auto& [name, tensor] : file.tensors) {
    CHECK(known.insert(name).second);
    CHECK(static_cast<std::size_t>(std::accumulate(tensor.dims.begin(), tensor.dims.end(), std::int64_t{1},
                                                   std::multiplies<>())) == tensor.values.size());
  }
  for (const OnnxNode& node : file.nodes) {
    INFO(node.name);
    for (const std::string& input : node.inputs) {
      CHECK(known.count(input) == 1);
      used.insert(input);
    }
    CHECK(node.outputs == Names{node.name});
    CHECK(known.insert(node.name).second);
  }
  CHECK(used == known);
}

const char* const kEverything =
    "input 1 17 16 | conv 6 4 same stride 3 | relu | maxpool 3 2 same | lrn 2 1.5 0.01 0.6 | batchnorm 0.002 "
    "0.1 "
    "| conv 4 1 valid nobias | avgpool 2 1 same | dropout 0.5 | flatten | dense 5 | batchnorm | dense 3 nobias";

}  // namespace

TEST_CASE("an ONNX file says what it is and what goes in and out") {
  const OnnxFile file = exported(make_model(kEverything));
  CHECK(file.ir_version == 7);
  CHECK(file.opset == 13);
  REQUIRE(file.inputs.size() == 1);
  CHECK(file.inputs[0].name == "image");
  CHECK(file.inputs[0].dims == Names{"batch", "1", "17", "16"});
  REQUIRE(file.outputs.size() == 1);
  CHECK(file.outputs[0].name == "probabilities");
  CHECK(file.outputs[0].dims == Names{"batch", "3"});
  CHECK(file.metadata.at("labels") == R"(["class \"0\"","class \"1\"","class \"2\""])");
  CHECK(file.metadata.at("mien.name") == "test");
  CHECK(mien::model::ModelSpec::from_text(file.metadata.at("mien.spec")) == make_model(kEverything).spec);
}

TEST_CASE("every kind of layer becomes its ONNX node, with TensorFlow's padding spelled out") {
  const OnnxFile file = exported(make_model(kEverything));
  check_wiring(file);
  CHECK(file.ops() == Names{"Conv", "Relu", "MaxPool", "LRN", "BatchNormalization", "Conv", "AveragePool",
                            "Flatten", "Gemm", "BatchNormalization", "Gemm", "Softmax"});

  const OnnxNode& conv = file.node("conv1");  // 17 x 16 by 4, stride 3: 6 x 6, zeros 1+1 and 1+2
  CHECK(conv.inputs == Names{"image", "conv1.weight", "conv1.bias"});
  CHECK(conv.integers.at("kernel_shape") == Dims{4, 4});
  CHECK(conv.integers.at("strides") == Dims{3, 3});
  CHECK(conv.integers.at("pads") == Dims{1, 1, 1, 2});
  CHECK(file.tensors.at("conv1.weight").dims == Dims{6, 1, 4, 4});
  CHECK(file.tensors.at("conv1.weight").values[7] == 8.0f);
  CHECK(file.tensors.at("conv1.bias").values == std::vector<float>{1001, 1002, 1003, 1004, 1005, 1006});

  const OnnxNode& max_pool = file.node("maxpool1");  // 6 by 3, stride 2: 3, the odd zero behind
  CHECK(max_pool.integers.at("kernel_shape") == Dims{3, 3});
  CHECK(max_pool.integers.at("strides") == Dims{2, 2});
  CHECK(max_pool.integers.at("pads") == Dims{0, 0, 1, 1});

  const OnnxNode& lrn = file.node("lrn1");
  CHECK(lrn.integers.at("size") == Dims{5});
  CHECK(lrn.reals.at("alpha") / 5 == Approx(0.01f));  // ONNX divides by the size
  CHECK(lrn.reals.at("beta") == 0.6f);
  CHECK(lrn.reals.at("bias") == 1.5f);

  const OnnxNode& norm = file.node("batchnorm1");
  CHECK(norm.inputs == Names{"lrn1", "batchnorm1.weight", "batchnorm1.bias", "batchnorm1.running_mean",
                             "batchnorm1.running_var"});
  CHECK(norm.reals.at("epsilon") == 0.002f);
  CHECK(file.node("conv2").inputs == Names{"batchnorm1", "conv2.weight"});

  const OnnxNode& average_pool = file.node("avgpool1");
  CHECK(average_pool.integers.at("pads") == Dims{0, 0, 1, 1});
  CHECK(average_pool.integers.at("count_include_pad") == Dims{0});

  CHECK(file.node("flatten1").inputs == Names{"avgpool1"});
  CHECK(file.node("flatten1").integers.at("axis") == Dims{1});
  CHECK(file.node("dense1").inputs == Names{"flatten1", "dense1.weight", "dense1.bias"});
  CHECK(file.node("dense1").integers.empty());  // neither side is transposed
  CHECK(file.tensors.at("dense1.weight").dims == Dims{36, 5});
  CHECK(file.node("dense2").inputs == Names{"batchnorm2", "dense2.weight"});
  CHECK(file.node("probabilities").op == "Softmax");
  CHECK(file.node("probabilities").inputs == Names{"dense2"});
  CHECK(file.node("probabilities").integers.at("axis") == Dims{1});
}

TEST_CASE("a calibrated model divides its logits before softmax") {
  ModelFile model = make_model("input 1 8 8 | flatten | dense 3");
  model.temperature = 1.5f;
  const OnnxFile file = exported(model);
  check_wiring(file);
  CHECK(file.ops() == Names{"Flatten", "Gemm", "Div", "Softmax"});
  CHECK(file.node("calibrated").inputs == Names{"dense1", "temperature"});
  CHECK(file.tensors.at("temperature").values == std::vector<float>{1.5f});
  CHECK(file.tensors.at("temperature").dims.empty());
  CHECK(file.node("probabilities").inputs == Names{"calibrated"});
}

TEST_CASE("images become vectors where ONNX does not do that by itself") {
  const OnnxFile global = exported(make_model("input 1 8 8 | conv 4 3 | globalpool"));
  check_wiring(global);
  CHECK(global.ops() == Names{"Conv", "GlobalAveragePool", "Flatten", "Softmax"});
  const OnnxFile dense = exported(make_model("input 1 8 8 | conv 4 3 valid stride 9 | relu | dense 3"));
  check_wiring(dense);
  CHECK(dense.ops() == Names{"Conv", "Relu", "Flatten", "Gemm", "Softmax"});
  CHECK(dense.node("conv1").integers.at("pads") == Dims{0, 0, 0, 0});
}

TEST_CASE("an LRN that ONNX Runtime would refuse is what it comes to") {
  const std::string front = "input 1 8 8 | conv 4 3 | ";
  for (const auto& [lrn, factor] : {std::pair{"lrn 2 4 0 0.5", 0.5f}, std::pair{"lrn 2 4 0.1 0", 1.0f}}) {
    const OnnxFile file = exported(make_model(front + lrn + " | dense 3"));
    check_wiring(file);
    CHECK(file.node("lrn1").op == "Mul");
    CHECK(file.tensors.at("lrn1.factor").values == std::vector<float>{factor});
  }
  const OnnxFile wide = exported(make_model(front + "lrn 1000 1 0.1 0.75 | dense 3"));
  CHECK(wide.node("lrn1").integers.at("size") == Dims{7});  // four channels see no more
  CHECK(wide.node("lrn1").reals.at("alpha") == Approx(0.7f));
}

TEST_CASE("the preparation of images is part of the graph") {
  ModelFile model = make_model("input 1 3 5 | dense 2");
  const Names rest = {"Flatten", "Gemm", "Softmax"};
  const Names centered = {"ReduceMin", "Sub", "ReduceMean", "Sub"};
  const auto ops = [&](PerImage per_image, float scale, bool per_pixel) {
    model.normalization = {.per_image = per_image, .scale = scale, .mean = {}, .inv_std = {}};
    if (per_pixel) model.normalization.mean = counting({15}, 1);
    if (per_pixel) model.normalization.inv_std = counting({3, 5}, 100);
    const OnnxFile file = exported(model);
    check_wiring(file);
    return file;
  };
  const auto expect = [&](const OnnxFile& file, Names prefix, const Names& more) {
    prefix.insert(prefix.end(), more.begin(), more.end());
    prefix.insert(prefix.end(), rest.begin(), rest.end());
    CHECK(file.ops() == prefix);
  };
  expect(ops(PerImage::none, 1, false), {}, {});
  expect(ops(PerImage::none, 0.5f, false), {}, {"Mul"});
  expect(ops(PerImage::center, 1, false), centered, {});
  const OnnxFile center = ops(PerImage::center, 0.5f, true);
  expect(center, centered, {"Mul", "Sub", "Mul"});
  CHECK(center.node("input.centered").inputs == Names{"input.above_darkest", "input.level"});
  for (const char* reduction : {"input.darkest", "input.level"}) {
    CHECK(center.node(reduction).integers.at("axes") == Dims{1, 2, 3});
    CHECK(center.node(reduction).integers.at("keepdims") == Dims{1});
  }
  CHECK(center.tensors.at("input.scale").values == std::vector<float>{0.5f});
  CHECK(center.tensors.at("input.mean").dims == Dims{1, 1, 3, 5});
  CHECK(center.tensors.at("input.inv_std").dims == Dims{1, 1, 3, 5});
  CHECK(center.tensors.at("input.inv_std").values[14] == 114.0f);
  CHECK(center.node("input.minus_mean").inputs == Names{"input.scaled", "input.mean"});

  const OnnxFile norm100 = ops(PerImage::norm100, 0.5f, true);
  expect(norm100, centered, {"ReduceL2", "Max", "Div", "Mul", "Sub", "Mul"});
  CHECK(norm100.node("input.norm").inputs == Names{"input.centered"});
  CHECK(norm100.node("input.unit").inputs == Names{"input.centered", "input.divisor"});
  CHECK(norm100.tensors.at("input.scale").values == std::vector<float>{50});
  // Below any norm that whole-numbered pixels can have, above zero.
  const float smallest = norm100.tensors.at("input.smallest_norm").values.at(0);
  CHECK(smallest > 0);
  CHECK(smallest < std::sqrt(0.5f));
}

TEST_CASE("write_onnx refuses what does not fit, and leaves no file") {
  const mien::test::TemporaryFolder folder;
  const ModelFile good = make_model("input 1 4 4 | dense 2");
  const auto refuses = [&](const ModelFile& model) {
    CHECK_THROWS_AS(mien::model::write_onnx(folder / "model.onnx", model), mien::ArgumentError);
    CHECK(folder.count() == 0);
  };
  ModelFile model = good;
  model.weights.pop_back();
  refuses(model);
  model = good;
  model.weights.push_back(model.weights[0]);
  refuses(model);
  model = good;
  model.weights[0].tensor = Tensor({2, 16});
  refuses(model);
  model = good;
  model.labels.pop_back();
  refuses(model);
  model = good;
  model.normalization.mean = Tensor({15});
  refuses(model);
  model = good;
  model.name = "\xff";
  refuses(model);
  model = good;
  model.temperature = 0;
  refuses(model);
  CHECK_THROWS_AS(mien::model::write_onnx(folder / "no/model.onnx", good), mien::DataError);
}

TEST_CASE("write_onnx refuses more than the 2 GB that protobuf can hold") {
  // 100 layers of 23 MB, all of them the same tensor.
  std::string spec = "input 1 1 2400";
  for (int i = 0; i < 100; ++i) spec += " | dense 2400 nobias";
  ModelFile model;
  model.spec = mien::model::ModelSpec::from_text(spec);
  model.labels.resize(2400, "x");
  const Tensor weight({2400, 2400});
  for (int i = 1; i <= 100; ++i) model.weights.push_back({"dense" + std::to_string(i) + ".weight", weight});
  const mien::test::TemporaryFolder folder;
  try {
    mien::model::write_onnx(folder / "large.onnx", model);
    FAIL("was written");
  } catch (const mien::ArgumentError& error) {
    const std::string message = error.what();
    CHECK(message.find("large.onnx: would take 2304") != message.npos);
  }
  CHECK(folder.count() == 0);
}
