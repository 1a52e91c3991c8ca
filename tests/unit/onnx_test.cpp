// What is in an ONNX file. Whether another runtime computes the same from it: tests/bench/onnx.
#include "mien/model/onnx.hpp"

#include <cmath>
#include <numeric>
#include <set>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/model/graph.hpp"
#include "support/catch.hpp"
#include "support/onnx_reader.hpp"
#include "support/temporary_folder.hpp"

using mien::Index;
using mien::Tensor;
using mien::image::PerImage;
using mien::model::ModelFile;
using mien::model::OnnxInput;
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
  for (const auto& parameter : mien::model::parameters_of(mien::model::plan(model.spec))) {
    model.weights.push_back({parameter.name, counting(parameter.shape, first)});
    first += 1000;
  }
  return model;
}

OnnxFile exported(const ModelFile& model, OnnxInput input = OnnxInput::pixels) {
  const mien::test::TemporaryFolder folder;
  mien::model::write_onnx(folder / "model.onnx", model, input);
  return mien::test::parse_onnx(mien::read_file(folder / "model.onnx", std::size_t{1} << 28));
}

// Every input of every node is given before it is used, and every value is used once at least.
void check_wiring(const OnnxFile& file) {
  std::set<std::string> known = {file.inputs.at(0).name};
  std::set<std::string> used = {"probabilities"};
  for (const auto& [name, tensor] : file.tensors) {
    CHECK(known.insert(name).second);
    CHECK(static_cast<std::size_t>(
              std::accumulate(tensor.dims.begin(), tensor.dims.end(), std::int64_t{1}, std::multiplies<>())) ==
          tensor.values.size() + tensor.integers.size());
  }
  for (const OnnxNode& node : file.nodes) {
    INFO(node.name);
    for (const std::string& input : node.inputs) {
      if (input.empty()) continue;  // left out
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
                            "Flatten", "MatMul", "Add", "BatchNormalization", "MatMul", "Softmax"});

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
  CHECK(file.node("dense1.product").inputs == Names{"flatten1", "dense1.weight"});
  CHECK(file.node("dense1").inputs == Names{"dense1.product", "dense1.bias"});
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
  CHECK(file.ops() == Names{"Flatten", "MatMul", "Add", "Div", "Softmax"});
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
  CHECK(dense.ops() == Names{"Conv", "Relu", "Flatten", "MatMul", "Add", "Softmax"});
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

namespace {

const Names kRest = {"Flatten", "MatMul", "Add", "Softmax"};
const Names kCentered = {"Neg", "GlobalMaxPool", "Resize", "Add", "GlobalAveragePool", "Resize", "Sub"};
const Names kUnit = {"Mul", "GlobalAveragePool", "Add", "Sqrt", "Resize", "Div"};

ModelFile prepared_model(const std::string& spec, PerImage per_image, float scale, bool per_pixel) {
  ModelFile model = make_model(spec);
  model.normalization = {.per_image = per_image, .scale = scale, .mean = {}, .inv_std = {}};
  const Index pixels = model.spec.channels * model.spec.height * model.spec.width;
  if (per_pixel) model.normalization.mean = counting({pixels}, 1);
  if (per_pixel) model.normalization.inv_std = counting({1, pixels}, 100);
  return model;
}

Names operator+(Names a, const Names& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("the preparation of images is part of the graph") {
  const auto with = [](PerImage per_image, float scale, bool per_pixel) {
    OnnxFile file = exported(prepared_model("input 1 3 5 | dense 2", per_image, scale, per_pixel));
    check_wiring(file);
    CHECK(file.inputs[0].name == "image");
    CHECK(file.inputs[0].about == "p, the pixels 0 .. 255 as they are");
    CHECK(file.metadata.at("mien.preparation") == file.inputs[0].about);
    return file;
  };
  CHECK(with(PerImage::none, 1, false).ops() == kRest);
  CHECK(with(PerImage::none, 0.5f, false).ops() == Names{"Mul"} + kRest);
  CHECK(with(PerImage::center, 1, false).ops() == kCentered + kRest);
  const OnnxFile center = with(PerImage::center, 0.5f, true);
  CHECK(center.ops() == kCentered + Names{"Mul", "Sub", "Mul"} + kRest);
  CHECK(center.node("input.above_darkest").inputs == Names{"image", "input.minus_darkest.everywhere"});
  CHECK(center.node("input.centered").inputs == Names{"input.above_darkest", "input.level.everywhere"});
  CHECK(center.tensors.at("input.scale").values == std::vector<float>{0.5f});
  CHECK(center.node("input.minus_mean").inputs == Names{"input.scaled", "input.mean"});
  // Without an axis for the batch, which OpenCV 4.6 would want to be as long as the batch.
  CHECK(center.tensors.at("input.mean").dims == Dims{1, 3, 5});
  CHECK(center.tensors.at("input.inv_std").dims == Dims{1, 3, 5});
  CHECK(center.tensors.at("input.inv_std").values[14] == 114.0f);

  const OnnxFile norm100 = with(PerImage::norm100, 0.5f, true);
  CHECK(norm100.ops() == kCentered + kUnit + Names{"Mul", "Sub", "Mul"} + kRest);
  CHECK(norm100.node("input.squares").inputs == Names{"input.centered", "input.centered"});
  CHECK(norm100.node("input.unit").inputs == Names{"input.centered", "input.deviation.everywhere"});
  // Of the root of the mean, not the sum, of the squares.
  CHECK(norm100.tensors.at("input.scale").values.at(0) == Approx(50 / std::sqrt(15.0)));
  // Above zero; the variance of the two pixels of a thousand that are one apart does not notice.
  const float tiny = norm100.tensors.at("input.tiny").values.at(0);
  CHECK(tiny > 0);
  CHECK(5e-7f + tiny == 5e-7f);
}

TEST_CASE("what is of a whole image becomes a value at each of its pixels") {
  const OnnxFile file = exported(prepared_model("input 1 3 5 | dense 2", PerImage::norm100, 1, false));
  for (const char* value : {"input.minus_darkest", "input.level", "input.deviation"}) {
    const OnnxNode& node = file.node(value + std::string(".everywhere"));
    CHECK(node.op == "Resize");
    CHECK(node.inputs == Names{value, "", "input.extents"});
    CHECK(node.texts.at("mode") == "nearest");
    CHECK(node.texts.at("coordinate_transformation_mode") == "asymmetric");
    CHECK(node.texts.at("nearest_mode") == "floor");
  }
  CHECK(file.tensors.at("input.extents").values == std::vector<float>{1, 1, 3, 5});
}

TEST_CASE("the channels of an image are prepared together") {
  const OnnxFile file = exported(prepared_model("input 2 3 5 | dense 2", PerImage::center, 1, true));
  check_wiring(file);
  CHECK(file.ops() == Names{"Reshape"} + kCentered + Names{"Reshape", "Sub", "Mul"} + kRest);
  CHECK(file.node("input.plane").inputs == Names{"image", "input.plane_shape"});
  CHECK(file.tensors.at("input.plane_shape").integers == Dims{-1, 1, 6, 5});
  CHECK(file.tensors.at("input.extents").values == std::vector<float>{1, 1, 6, 5});
  CHECK(file.node("input.channels").inputs == Names{"input.centered", "input.shape"});
  CHECK(file.tensors.at("input.shape").integers == Dims{-1, 2, 3, 5});
  CHECK(file.tensors.at("input.mean").dims == Dims{2, 3, 5});
}

TEST_CASE("a plain graph leaves to its caller what is done to each image by itself, and says so") {
  const auto plain = [](PerImage per_image, const std::string& input) {
    OnnxFile file =
        exported(prepared_model("input 1 3 5 | dense 2", per_image, 0.5f, true), OnnxInput::prepared);
    check_wiring(file);
    CHECK(file.ops() == Names{"Mul", "Sub", "Mul"} + kRest);
    CHECK(file.tensors.at("input.scale").values == std::vector<float>{0.5f});
    CHECK(file.inputs[0].name == input);
    CHECK(file.inputs[0].dims == Names{"batch", "1", "3", "5"});
    CHECK(file.metadata.at("mien.preparation") == file.inputs[0].about);
    return file.inputs[0].about;
  };
  CHECK(plain(PerImage::none, "image") == "p, the pixels 0 .. 255 as they are");
  CHECK(plain(PerImage::center, "prepared") ==
        "p - m, of the pixels p = 0 .. 255 of one image and their mean m");
  CHECK(
      plain(PerImage::norm100, "prepared") ==
      "100 * (p - m) / d, of the pixels p = 0 .. 255 of one image, their mean m and d, the square root of the "
      "sum of all (p - m)^2; 0 where d is 0");
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
