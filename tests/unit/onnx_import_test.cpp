// What ONNX graphs that others wrote become. That they compute the same: tests/ops/onnx_golden_test.cpp.
#include <functional>

#include "support/catch.hpp"
#include "support/onnx_maker.hpp"

using mien::Index;
using mien::Shape;
using mien::Tensor;
using mien::model::ModelFile;
using mien::model::onnx_attribute;
using mien::test::counted;
using mien::test::OnnxMaker;
using Floats = std::vector<float>;

namespace {

Floats values(const ModelFile& model, std::size_t weight) {
  const auto span = model.weights.at(weight).tensor.values();
  return {span.begin(), span.end()};
}

// A filter bank that takes an image of one channel to `out` channels.
OnnxMaker& filters(OnnxMaker& made, Index out, Index rows, Index columns) {
  return made.constant("w", {out, 1, rows, columns}, 0.5f);
}

}  // namespace

TEST_CASE("an imported file is named after its file, its classes numbered, its pixels taken as they are") {
  OnnxMaker made;
  made.node("Flatten", {"x"}, "row").classes("row", 36, 3);
  const ModelFile model = made.read();
  CHECK(model.name == "made");
  CHECK(model.spec.to_text() == "input 1 6 6 | dense 3");
  CHECK(model.labels == std::vector<std::string>{"class0", "class1", "class2"});
  CHECK(model.normalization.per_image == mien::image::PerImage::none);
  CHECK(model.normalization.scale == 1);
  CHECK_FALSE(model.normalization.mean.defined());
  using Labels = std::vector<std::string>;
  mien::model::OnnxReadOptions options;
  options.scale = 0.5f;
  options.default_labels = {"a", "b", "c"};
  CHECK(made.read(options).labels == Labels{"a", "b", "c"});
  CHECK(made.read(options).normalization.scale == 0.5f);
  CHECK(made.read(options).notes.at(mien::model::kOnnxNote) == "opset 13");

  made.metadata["labels"] = R"(["x","y","z"])";
  CHECK(made.read(options).labels == Labels{"x", "y", "z"});
  options.labels = {"d", "e", "f"};
  CHECK(made.read(options).labels == Labels{"d", "e", "f"});
  options.labels = {"d"};
  CHECK_THROWS_AS(made.read(options), mien::ArgumentError);
  options = {};
  options.scale = 0;
  CHECK_THROWS_AS(made.read(options), mien::ArgumentError);
  for (const char* other : {"[1,2,3]", "[\"x\"]", "x, y, z", "[\"x\",\"x\",\"x\"]"}) {
    made.metadata["labels"] = other;  // of another's making
    CHECK(made.read().labels[0] == "class0");
  }
}

TEST_CASE("convolutions are imported with their padding by its name") {
  const auto layers = [](const Shape& image, Index kernel, const mien::model::OnnxAttributes& attributes) {
    OnnxMaker made(image);
    filters(made, 4, kernel, kernel).constant("b", {4});
    made.node("Conv", {"x", "w", "b"}, "c", attributes).node("GlobalAveragePool", {"c"}, "p");
    made.node("Flatten", {"p"}, "row").classes("row", 4);
    return made.layers();
  };
  const std::string rest = " | globalpool | dense 2";
  const auto strides = [](Index stride) { return onnx_attribute("strides", {stride, stride}); };
  CHECK(layers({1, 6, 6}, 3, {}) == "conv 4 3 valid" + rest);
  CHECK(layers({1, 6, 6}, 3, {onnx_attribute("pads", {1, 1, 1, 1})}) == "conv 4 3 same" + rest);
  CHECK(layers({1, 7, 7}, 3, {onnx_attribute("pads", {1, 1, 1, 1}), strides(2)}) ==
        "conv 4 3 same stride 2" + rest);
  CHECK(layers({1, 6, 6}, 3, {onnx_attribute("pads", {0, 0, 1, 1}), strides(2)}) ==
        "conv 4 3 same stride 2" + rest);
  // The zeros of the last row and column are seen by no window.
  CHECK(layers({1, 6, 6}, 3, {onnx_attribute("pads", {0, 0, 0, 0}), strides(2)}) ==
        "conv 4 3 valid stride 2" + rest);
  CHECK(layers({1, 6, 6}, 1, {onnx_attribute("pads", {0, 0, 0, 0}), strides(2)}) ==
        "conv 4 1 same stride 2" + rest);
  CHECK(layers({1, 6, 6}, 3, {onnx_attribute("auto_pad", "SAME_UPPER"), strides(2)}) ==
        "conv 4 3 same stride 2" + rest);
  CHECK(layers({1, 6, 6}, 3, {onnx_attribute("auto_pad", "SAME_LOWER")}) == "conv 4 3 same" + rest);
  CHECK(layers({1, 6, 6}, 3, {onnx_attribute("auto_pad", "VALID")}) == "conv 4 3 valid" + rest);
}

TEST_CASE("weights come over in the library's order") {
  OnnxMaker made;
  filters(made, 2, 3, 3).constant("b", {2}, 10).node("Conv", {"x", "w", "b"}, "c");
  made.node("Flatten", {"c"}, "row").classes("row", 32, 3);
  const ModelFile model = made.read();
  REQUIRE(model.weights.size() == 4);
  CHECK(model.weights[0].name == "conv1.weight");
  CHECK(values(model, 0).at(17) == 9.0f);
  CHECK(values(model, 1) == Floats{10, 20});
  CHECK(model.weights[2].shape() == Shape{32, 3});
  CHECK(values(model, 2)[0] == 1.0f);
  CHECK(values(model, 2)[1] == 33.0f);  // [out][in] in the file
  CHECK(values(model, 2)[3] == 2.0f);
  CHECK(values(model, 3) == Floats{1, 2, 3});
}

TEST_CASE("a bias may come as a node of its own") {
  OnnxMaker made;
  filters(made, 2, 3, 3)
      .constant("b", {1, 2, 1, 1}, 10)
      .node("Conv", {"x", "w"}, "c")
      .node("Add", {"b", "c"}, "s");
  made.node("Relu", {"s"}, "r").node("Flatten", {"r"}, "row");
  made.constant("m", {32, 3}).constant("v", {3}).node("MatMul", {"row", "m"}, "n").node("Add", {"n", "v"}, "y");
  CHECK(made.layers() == "conv 2 3 valid | relu | dense 3");
  CHECK(values(made.read(), 1) == Floats{10, 20});
  CHECK(values(made.read(), 2)[1] == 2.0f);  // [in][out] in the file, too

  OnnxMaker without;
  without.node("Flatten", {"x"}, "row").constant("m", {36, 3}).node("MatMul", {"row", "m"}, "y");
  CHECK(without.layers() == "dense 3 nobias");
}

TEST_CASE("Gemm's factors go into the weights") {
  OnnxMaker made;
  made.node("Flatten", {"x"}, "row").constant("m", {36, 2}).constant("v", {1, 2});
  made.node("Gemm", {"row", "m", "v"}, "y", {onnx_attribute("alpha", 0.5f), onnx_attribute("beta", 3.0f)});
  CHECK(made.layers() == "dense 2");
  CHECK(values(made.read(), 0)[1] == 1.0f);
  CHECK(values(made.read(), 1) == Floats{3, 6});
}

TEST_CASE("layers of one operator") {
  struct Case {
    std::function<void(OnnxMaker&)> add;  // from c, 4 channels of 6 x 6, to d
    std::string layers;
  };
  const auto window = [](Index kernel, Index stride) {
    return mien::model::OnnxAttributes{onnx_attribute("kernel_shape", {kernel, kernel}),
                                       onnx_attribute("strides", {stride, stride})};
  };
  const auto with = [](mien::model::OnnxAttributes attributes, const mien::model::OnnxAttribute& one) {
    attributes.push_back(one);
    return attributes;
  };
  const Case cases[] = {
      {[](OnnxMaker& m) { m.node("Relu", {"c"}, "d"); }, "relu"},
      {[](OnnxMaker& m) {
         m.constant("zero", Tensor(Shape())).node("Clip", {"c", "zero"}, "d");
       },
       "relu"},
      {[](OnnxMaker& m) {
         m.constant("zero", Tensor(Shape())).constant("six", Tensor::full({}, 6)).node("Clip", {"c"}, "e");
         m.node("Cast", {"six"}, "top", {onnx_attribute("to", Index{1})})
             .node("Clip", {"e", "zero", "top"}, "d");
       },
       "relu6"},
      {[](OnnxMaker& m) {
         m.node("Identity", {"c"}, "i").node("Dropout", {"i"}, "j").node("Relu", {"j"}, "d");
       },
       "relu"},
      {[&](OnnxMaker& m) { m.node("MaxPool", {"c"}, "d", window(2, 2)); }, "maxpool 2 2 valid"},
      {[&](OnnxMaker& m) {
         m.node("MaxPool", {"c"}, "d", with(window(3, 2), onnx_attribute("ceil_mode", Index{1})));
       },
       "maxpool 3 2 same"},
      {[&](OnnxMaker& m) { m.node("AveragePool", {"c"}, "d", window(3, 1)); }, "avgpool 3 1 valid"},
      {[&](OnnxMaker& m) {
         m.node("AveragePool", {"c"}, "d", with(window(3, 1), onnx_attribute("pads", {1, 1, 1, 1})));
       },
       "avgpool 3 1 same"},
      {[](OnnxMaker& m) {
         m.node("LRN", {"c"}, "d",
                {onnx_attribute("size", Index{5}), onnx_attribute("alpha", 0.5f), onnx_attribute("beta", 0.6f),
                 onnx_attribute("bias", 2.0f)});
       },
       "lrn 2 2 0.1 0.6"},
      {[](OnnxMaker& m) { m.node("Sigmoid", {"c"}, "d"); }, "sigmoid"},
      {[](OnnxMaker& m) { m.node("HardSwish", {"c"}, "d"); }, "hswish"},
      {[](OnnxMaker& m) { m.node("LeakyRelu", {"c"}, "d"); }, "leakyrelu 0.01"},
      {[](OnnxMaker& m) {
         m.constant("s", {4, 1, 1}).node("PRelu", {"c", "s"}, "d");
       },
       "prelu"},
      {[](OnnxMaker& m) {
         m.node("Sigmoid", {"c"}, "s").node("Mul", {"s", "c"}, "d");
       },
       "silu"},
      {[](OnnxMaker& m) {
         m.node("HardSigmoid", {"c"}, "h", {onnx_attribute("alpha", 1.0f / 6)}).node("Mul", {"c", "h"}, "d");
       },
       "hswish"},
      {[](OnnxMaker& m) {
         m.constant("f", {4, 1, 3, 3}).node("Conv", {"c", "f"}, "d", {onnx_attribute("group", Index{4})});
       },
       "dwconv 3 valid nobias"},
      {[](OnnxMaker& m) {
         m.constant("f", {4, 4, 1, 3}).node("Conv", {"c", "f"}, "d", {onnx_attribute("pads", {0, 2, 0, 1})});
       },
       "conv 4 1x3 pad 0 2 0 1 nobias"},
      {[&](OnnxMaker& m) {
         m.node("MaxPool", {"c"}, "d", with(window(3, 2), onnx_attribute("pads", {1, 1, 1, 1})));
       },
       "maxpool 3 2 pad 1"},
      {[](OnnxMaker& m) {
         m.graph.reals("t", {1, 1, 2, 2}), m.node("Upsample", {"c", "t"}, "d");
       },
       "upsample"},
      {[](OnnxMaker& m) {
         m.integers("to", {5, 4, 12, 12}).graph.inputs[0].extents[0] = {.value = 5};
         m.node("Resize", {"c", "", "", "to"}, "d", {onnx_attribute("mode", "nearest")});
       },
       "upsample"},
      {[](OnnxMaker& m) {
         for (const char* name : {"s", "b", "m", "v"}) m.constant(name, {4});
         m.node("BatchNormalization", {"c", "s", "b", "m", "v"}, "d",
                {onnx_attribute("epsilon", 0.002f), onnx_attribute("momentum", 0.7f)});
       },
       "batchnorm 0.002 0.3"},
  };
  for (const Case& one : cases) {
    OnnxMaker made;
    filters(made, 4, 1, 1).node("Conv", {"x", "w"}, "c");
    one.add(made);
    made.node("GlobalAveragePool", {"d"}, "p").node("Flatten", {"p"}, "row").classes("row", 4);
    CHECK(made.layers() == "conv 4 1 same nobias | " + one.layers + " | globalpool | dense 2");
  }
}

TEST_CASE("the mean of each channel may be written in several ways") {
  const std::function<void(OnnxMaker&)> ways[] = {
      [](OnnxMaker& m) { m.node("GlobalAveragePool", {"c"}, "p").node("Flatten", {"p"}, "row"); },
      [](OnnxMaker& m) {
        m.integers("axes", {2, 3}).node("GlobalAveragePool", {"c"}, "p").node("Squeeze", {"p", "axes"}, "row");
      },
      [](OnnxMaker& m) {
        m.integers("to", {-1, 4}).node("GlobalAveragePool", {"c"}, "p").node("Reshape", {"p", "to"}, "row");
      },
      [](OnnxMaker& m) {
        m.node("ReduceMean", {"c"}, "row",
               {onnx_attribute("axes", {-1, -2}), onnx_attribute("keepdims", Index{0})});
      },
      [](OnnxMaker& m) {
        m.node("AveragePool", {"c"}, "p", {onnx_attribute("kernel_shape", {6, 6})})
            .node("Flatten", {"p"}, "row");
      },
  };
  for (const auto& way : ways) {
    OnnxMaker made;
    filters(made, 4, 1, 1).node("Conv", {"x", "w"}, "c");
    way(made);
    made.classes("row", 4);
    CHECK(made.layers() == "conv 4 1 same nobias | globalpool | dense 2");
  }
}

TEST_CASE("images become rows as PyTorch writes it, with the batch's size taken from a shape") {
  const auto layers = [](const std::function<void(OnnxMaker&)>& flatten, std::int64_t batch) {
    OnnxMaker made;
    if (batch > 0) made.graph.inputs[0].extents[0] = {.value = batch};
    filters(made, 4, 3, 3).node("Conv", {"x", "w"}, "c");
    flatten(made);
    made.node("Relu", {"row"}, "r").classes("r", 64);
    return made.layers();
  };
  const std::string expected = "conv 4 3 valid nobias | relu | dense 2";
  const auto from_shape = [](OnnxMaker& m) {
    m.integers("zero", {0}).integers("rest", {-1}).node("Shape", {"c"}, "s").node("Gather", {"s", "zero"}, "g");
    m.node("Unsqueeze", {"g", "zero"}, "u")
        .node("Concat", {"u", "rest"}, "to", {onnx_attribute("axis", Index{0})});
    m.node("Reshape", {"c", "to"}, "row");
  };
  CHECK(layers(from_shape, 0) == expected);
  CHECK(layers(from_shape, 3) == expected);
  const auto to = [](const std::vector<std::int64_t>& extents) {
    return [=](OnnxMaker& m) { m.integers("to", extents).node("Reshape", {"c", "to"}, "row"); };
  };
  CHECK(layers(to({0, -1}), 0) == expected);
  CHECK(layers(to({-1, 64}), 0) == expected);
  CHECK(layers(to({3, -1}), 3) == expected);
  CHECK_THROWS_AS(layers(to({3, -1}), 0), mien::DataError);
  CHECK_THROWS_AS(layers(to({-1, 16}), 0), mien::DataError);
  // Over features each by itself what is normalized is the row, no channels.
  OnnxMaker made;
  made.node("Flatten", {"x"}, "row");
  for (const char* name : {"s", "b", "m", "v"}) made.constant(name, {36});
  made.node("BatchNormalization", {"row", "s", "b", "m", "v"}, "n").classes("n", 36);
  CHECK(made.layers() == "flatten | batchnorm 1e-05 0.1 | dense 2");
}

TEST_CASE("what a graph does to the image first becomes the model's normalization") {
  OnnxMaker made;
  made.constant("scale", Tensor::full({}, 255)).constant("mean", Tensor::full({1, 1, 1, 1}, 0.25f));
  made.constant("deviation", {6, 6}).node("Div", {"x", "scale"}, "a").node("Sub", {"a", "mean"}, "b");
  made.node("Div", {"b", "deviation"}, "c").node("Flatten", {"c"}, "row").classes("row", 36);
  mien::model::OnnxReadOptions options;
  options.scale = 2;
  const mien::image::Normalization n = made.read(options).normalization;
  CHECK(made.layers() == "dense 2");
  CHECK(n.scale == 2 * (1.0f / 255));
  CHECK(n.mean.shape() == Shape{6, 6});
  CHECK(n.mean.values()[35] == 0.25f);
  CHECK(n.inv_std.values()[3] == 0.25f);
}

TEST_CASE("softmax at the end is understood, and a factor in front of it a temperature") {
  OnnxMaker made;
  made.node("Flatten", {"x"}, "row").constant("m", {36, 2}).node("MatMul", {"row", "m"}, "n");
  made.constant("t", Tensor::full({}, 1.5f)).node("Div", {"n", "t"}, "d").node("Softmax", {"d"}, "y");
  CHECK(made.layers() == "dense 2 nobias");
  CHECK(made.read().temperature == 1.5f);
}

TEST_CASE("constants may be nodes, of any type of float, raw or not") {
  using mien::model::OnnxTensor;
  using mien::model::OnnxType;
  const std::uint16_t halves[] = {0x3c00, 0x4000}, brains[] = {0x3f80, 0x4000};
  const double doubles[] = {1, 2};
  const std::pair<OnnxType, std::span<const std::byte>> forms[] = {
      {OnnxType::f16, std::as_bytes(std::span(halves))},
      {OnnxType::bf16, std::as_bytes(std::span(brains))},
      {OnnxType::f64, std::as_bytes(std::span(doubles))}};
  for (const auto& [type, bytes] : forms) {
    OnnxMaker made({1, 1, 1});
    mien::model::OnnxAttribute value = onnx_attribute("value", Index{0});
    value.type = mien::model::OnnxAttributeType::tensor;
    value.tensor = {{.name = "", .type = type, .shape = {1, 2}, .bytes = bytes, .owned = {}, .elsewhere = {}}};
    made.node("Constant", {}, "m", {value}).node("Flatten", {"x"}, "row").node("MatMul", {"row", "m"}, "y");
    CHECK(values(made.read(), 0) == Floats{1, 2});
  }
  // What python's onnx writes beside raw_data: packed floats, packed extents.
  using mien::model::ProtoMessage;
  const float packed[] = {3, 4};
  const std::string bytes(reinterpret_cast<const char*>(packed), sizeof packed);
  OnnxMaker made({1, 1, 1});
  made.node("Flatten", {"x"}, "row").node("MatMul", {"row", "m"}, "y");
  mien::model::OnnxGraph graph = made.graph;
  graph.output("y", {2}, "");
  ProtoMessage message = mien::model::to_proto(graph, "made");
  message.message(5, ProtoMessage().text(1, "\x01\x02").integer(2, 1).text(4, bytes).text(8, "m"));
  ProtoMessage file;
  file.message(8, ProtoMessage().text(1, "ai.onnx").integer(2, 13)).message(7, message);
  const mien::test::TemporaryFolder folder;
  mien::write_file_atomically(folder / "f", [&](mien::AtomicFile& out) { file.write(out); });
  CHECK(values(mien::model::read_onnx(folder / "f"), 0) == Floats{3, 4});
}

TEST_CASE("branches are imported by names of their own") {
  OnnxMaker made;
  filters(made, 4, 1, 1).node("Conv", {"x", "w"}, "c").node("Relu", {"c"}, "r").node("Sigmoid", {"c"}, "s");
  made.node("Add", {"r", "s"}, "a").node("Concat", {"a", "c", "r"}, "d", {onnx_attribute("axis", Index{-3})});
  made.node("GlobalAveragePool", {"d"}, "p").node("Flatten", {"p"}, "row").classes("row", 12);
  CHECK(made.layers() ==
        "conv 4 1 same nobias as x1 | relu as x2 | from x1 | sigmoid | add x2 | concat x1 x2 | globalpool | "
        "dense 2");
}

TEST_CASE("a gate's factors may come from filters of 1 x 1 or from dense layers") {
  const auto layers = [](const std::function<void(OnnxMaker&)>& squeeze) {
    OnnxMaker made;
    filters(made, 4, 1, 1).node("Conv", {"x", "w"}, "c").node("GlobalAveragePool", {"c"}, "p");
    squeeze(made);
    made.node("Mul", {"g", "c"}, "m").node("GlobalAveragePool", {"m"}, "q").node("Flatten", {"q"}, "row");
    return made.classes("row", 4).layers();
  };
  const std::string expected = " | sigmoid | gate x1 | globalpool | dense 2";
  CHECK(layers([](OnnxMaker& m) {
          m.constant("f", {4, 4, 1, 1}).constant("v", {4}).node("Conv", {"p", "f", "v"}, "e");
          m.node("Sigmoid", {"e"}, "g");
        }) == "conv 4 1 same nobias as x1 | globalpool | dense 4" + expected);
  CHECK(layers([](OnnxMaker& m) {
          m.integers("axes", {2, 3}).integers("to", {-1, 4, 1, 1}).constant("f", {4, 4});
          m.node("Squeeze", {"p", "axes"}, "o").node("MatMul", {"o", "f"}, "e").node("Sigmoid", {"e"}, "h");
          m.node("Reshape", {"h", "to"}, "g");
        }) == "conv 4 1 same nobias as x1 | globalpool | dense 4 nobias" + expected);
}

TEST_CASE("a graph of several outputs is read as far as a model can be") {
  OnnxMaker made;
  filters(made, 4, 1, 1).node("Conv", {"x", "w"}, "c").node("GlobalAveragePool", {"c"}, "p");
  made.node("Flatten", {"p"}, "row").classes("row", 4).graph.output("y", {2}, "");
  made.graph.output("row", {4}, "");
  CHECK(made.refusal() == "folder/made.onnx: [spec] one output is needed, the network has 2");
}
