// ONNX files that are damaged, hostile, or beyond what a ModelSpec describes.
#include <functional>

#include "mien/core/text.hpp"
#include "support/catch.hpp"
#include "support/onnx_maker.hpp"

using mien::Index;
using mien::Shape;
using mien::Tensor;
using mien::model::onnx_attribute;
using mien::model::ProtoMessage;
using mien::test::OnnxMaker;

namespace {

// From x, an image of 2 channels and 6 x 6 pixels.
struct Refusal {
  std::function<void(OnnxMaker&)> add;
  std::string says;
};

void check_refused(const Refusal& refusal) {
  OnnxMaker made({2, 6, 6});
  refusal.add(made);
  const std::string text = made.refusal();
  CHECK(text.substr(0, 18) == "folder/made.onnx: ");
  CHECK(text.substr(std::min<std::size_t>(18, text.size())).rfind(refusal.says, 0) == 0);
  CAPTURE(text, refusal.says);
}

mien::model::OnnxAttributes window(std::initializer_list<Index> kernel) {
  return {onnx_attribute("kernel_shape", kernel)};
}

std::function<void(OnnxMaker&)> convolution(const Shape& filters,
                                            const mien::model::OnnxAttributes& attributes) {
  return [=](OnnxMaker& m) { m.constant("w", filters).node("Conv", {"x", "w"}, "y", attributes); };
}

std::function<void(OnnxMaker&)> one(const char* op, const mien::model::OnnxAttributes& attributes = {}) {
  return [=](OnnxMaker& m) { m.node(op, {"x"}, "y", attributes); };
}

}  // namespace

TEST_CASE("a graph beyond the library is refused by node, operator and what about it") {
  const Refusal refusals[] = {
      {one("Tan"), R"(node "y" (Tan): this operator is not supported; those that are: Add, AveragePool, )"},
      {[](OnnxMaker& m) { (m.node("Relu", {"x"}, "y"), m.graph.nodes[0].domain = "com.example"); },
       R"(node "y" (Relu): operators of "com.example" are not supported)"},
      {convolution({4, 2, 3, 3}, {onnx_attribute("dilations", {2, 2})}),
       R"(node "y" (Conv): dilations 2 2 are not supported)"},
      {convolution({4, 2, 3, 3}, {onnx_attribute("strides", {1, 2})}),
       R"(node "y" (Conv): strides 1 2 are not supported)"},
      {convolution({4, 2, 3, 3}, {onnx_attribute("pads", {-1, 0, 0, 0})}),
       R"(node "y" (Conv): pads -1 0 0 0 are not supported)"},
      {convolution({4, 2, 3}, {}), R"(node "y" (Conv): filters of 4x2x3 are not supported)"},
      {convolution({4, 1, 3, 3}, {onnx_attribute("group", Index{2})}),
       R"(node "y" (Conv): group 2 is not supported for 2 to 4 channels; )"},
      {convolution({4, 3, 3, 3}, {}), R"(node "y" (Conv): filters of 4x3x3x3 do not fit 2 channels)"},
      {convolution({4, 2, 7, 7}, {}), R"(node "y" (Conv): its window does not fit into the image)"},
      {convolution({4, 2, 3, 3}, {onnx_attribute("auto_pad", "BOTH")}),
       R"(node "y" (Conv): auto_pad "BOTH" is not supported)"},
      {convolution({4, 2, 3, 3}, {onnx_attribute("speed", Index{1})}),
       R"(node "y" (Conv): the attribute "speed" is not supported)"},
      {convolution({4, 2, 3, 3}, {onnx_attribute("group", 1.0f)}),
       R"(node "y" (Conv): the attribute "group" is not of the type it should be)"},
      {convolution({4, 2, 3, 3}, {onnx_attribute("group", Index{1}), onnx_attribute("group", Index{1})}),
       R"(node "y" (Conv): the attribute "group" is given twice)"},
      {one("AveragePool", {onnx_attribute("kernel_shape", {3, 3}), onnx_attribute("pads", {1, 1, 1, 1}),
                           onnx_attribute("count_include_pad", Index{1})}),
       R"(node "y" (AveragePool): count_include_pad is not supported where there is padding)"},
      {[](OnnxMaker& m) {
         (m.node("MaxPool", {"x"}, "y", window({2, 2})), m.graph.nodes[0].outputs.push_back("i"),
          m.graph.output("y", {}, ""), m.graph.output("i", {}, ""));
       },
       R"(node "y" (MaxPool): only its first output is supported)"},
      {[](OnnxMaker& m) {
         m.constant("b", Tensor::full({}, 2)).node("Clip", {"x", "b"}, "y");
       },
       R"(node "y" (Clip): to 2 .. 3.4028235e+38 is not supported; )"},
      {one("LRN", {onnx_attribute("size", Index{4})}),
       R"(node "y" (LRN): size 4 is not supported, odd ones are)"},
      {one("ReduceMean", {onnx_attribute("axes", {1})}),
       R"(node "y" (ReduceMean): only means over axes 2 and 3)"},
      {one("Flatten", {onnx_attribute("axis", Index{2})}),
       R"(node "y" (Flatten): axis 2 is not supported, 1 is)"},
      {one("MatMul"), R"(node "y" (MatMul): its input has 4 axes, 2 are supported)"},
      {[](OnnxMaker& m) {
         m.node("Flatten", {"x"}, "r").constant("m", {71, 2}).node("MatMul", {"r", "m"}, "y");
       },
       R"(node "y" (MatMul): a matrix for 71 values, its input has 72)"},
      {[](OnnxMaker& m) {
         m.node("Flatten", {"x"}, "r").node("MatMul", {"r", "r"}, "y");
       },
       R"(node "y" (MatMul): its input 1, "r", is no constant)"},
      {[](OnnxMaker& m) {
         m.node("Flatten", {"x"}, "r")
             .constant("m", {72, 2})
             .node("Gemm", {"r", "m"}, "y", {onnx_attribute("transA", Index{1})});
       },
       R"(node "y" (Gemm): transA is not supported)"},
      {[](OnnxMaker& m) {
         m.node("Flatten", {"x"}, "r").node("Softmax", {"r"}, "s").constant("m", {72, 2});
         m.node("MatMul", {"s", "m"}, "y");
       },
       R"(node "s" (Softmax): it is supported at the end alone)"},
      {[](OnnxMaker& m) {
         m.node("Relu", {"x"}, "r").node("Sub", {"x", "r"}, "y");
       },
       R"(node "y" (Sub): differences of values are not supported)"},
      {[](OnnxMaker& m) {
         m.node("Relu", {"x"}, "r").constant("c", {1}).node("Mul", {"r", "c"}, "y");
       },
       R"(node "y" (Mul): a constant here is not supported)"},
      {[](OnnxMaker& m) {
         m.node("Relu", {"x"}, "r").node("MaxPool", {"x"}, "p", window({2, 2})).node("Add", {"r", "p"}, "y");
       },
       R"(node "y" (Add): a sum of 2x6x6 and 2x5x5 is not supported)"},
      {[](OnnxMaker& m) {
         m.node("Relu", {"x"}, "r").node("Mul", {"r", "x"}, "y");
       },
       R"(node "y" (Mul): a product of 2x6x6 and 2x6x6 is not supported; )"},
      {[](OnnxMaker& m) {
         m.node("Relu", {"x"}, "r").node("Concat", {"r", "x"}, "y", {onnx_attribute("axis", Index{2})});
       },
       R"(node "y" (Concat): along axis 2 is not supported; )"},
      {[](OnnxMaker& m) {
         m.graph.reals("s", {1, 1, 3, 3}),
             m.node("Resize", {"x", "", "s"}, "y", {onnx_attribute("mode", "nearest")});
       },
       R"(node "y" (Resize): only twice the height and width are supported)"},
      {[](OnnxMaker& m) {
         m.graph.reals("s", {1, 1, 2, 2});
         m.node("Resize", {"x", "", "s"}, "y", {onnx_attribute("mode", "linear")});
       },
       R"(node "y" (Resize): mode "linear", "half_pixel", "round_prefer_floor" is not supported; )"},
      {[](OnnxMaker& m) {
         m.integers("by", {0, 0, 1, 1, 0, 0, 1, 1}).node("Pad", {"x", "by"}, "y");
       },
       R"(node "y" (Pad): it is supported where it pads by nothing; )"},
      {[](OnnxMaker& m) { m.node("HardSigmoid", {"x"}, "y"); },
       R"(node "y" (HardSigmoid): it is supported where x HardSigmoid(x) is taken)"},
      {[](OnnxMaker& m) {
         m.integers("to", {0, 72, 1}).node("Reshape", {"x", "to"}, "y");
       },
       R"(node "y" (Reshape): from [batch, 2, 6, 6] to [batch, 72, 1] is not supported)"},
      {[](OnnxMaker& m) { m.node("Relu", {"z"}, "y"); },
       R"(node "y" (Relu): it reads "z", which nothing before it gives)"},
      {[](OnnxMaker& m) { m.node("Relu", {"b"}, "y").node("Relu", {"x"}, "b"); },
       R"(node "y" (Relu): it reads "b", which nothing before it gives)"},
      {[](OnnxMaker& m) { m.constant("c", {2}).node("Relu", {"c"}, "y"); },
       R"(node "y" (Relu): its input "c" does not depend on the image)"},
      {[](OnnxMaker& m) { m.node("Relu", {"x"}, "y").node("Relu", {"x"}, "y"); },
       R"(the value "y" is given twice)"},
      {[](OnnxMaker& m) { m.constant("y", {2}); }, R"(the output "y" does not depend on the image)"},
      // What ModelSpec does not take is said of the node it comes from.
      {[](OnnxMaker& m) {
         m.node("Relu", {"x"}, "r")
             .node("MaxPool", {"r"}, "p",
                   {onnx_attribute("kernel_shape", {16, 16}), onnx_attribute("pads", {8, 8, 8, 8})});
         m.node("Flatten", {"p"}, "row").classes("row", 2 * 7 * 7);
       },
       R"(node "p" (MaxPool): )"},
      {[](OnnxMaker& m) { m.node("Relu", {"x"}, "y"); }, "[relu1] the last layer must give one value a class"},
  };
  for (const Refusal& refusal : refusals) check_refused(refusal);
}

TEST_CASE("an input that is no batch of images of one size is refused") {
  const Refusal refusals[] = {
      {[](OnnxMaker& m) { m.graph.inputs[0].extents[2] = {.name = "height"}; },
       R"(input "x": extent 2 of [batch, channels, height, width] is "height", expected a number 1 to 4096)"},
      {[](OnnxMaker& m) { m.graph.inputs[0].extents[1] = {.value = 0}; },
       R"(input "x": extent 1 of [batch, channels, height, width] is 0, expected )"},
      {[](OnnxMaker& m) { m.graph.inputs[0].extents.pop_back(); },
       R"(input "x": expected floats [batch, channels, height, width])"},
      {[](OnnxMaker& m) { m.graph.inputs[0].type = mien::model::OnnxType::i64; },
       R"(input "x": expected floats)"},
      {[](OnnxMaker& m) {
         m.graph.input("z", {2, 6, 6}, "");
       },
       R"(inputs "x" and "z": networks have one)"},
      {[](OnnxMaker& m) { m.graph.inputs.clear(); }, "the graph has no input"},
  };
  for (Refusal refusal : refusals) {
    const auto change = refusal.add;
    refusal.add = [&](OnnxMaker& m) { (m.node("Flatten", {"x"}, "row").classes("row", 72), change(m)); };
    check_refused(refusal);
  }
}

TEST_CASE("constants that are elsewhere, of other types or not finite are refused by name") {
  const auto refusal = [](const std::function<void(mien::model::OnnxTensor&)>& change) {
    OnnxMaker made({1, 1, 1});
    made.node("Flatten", {"x"}, "row").constant("m", {1, 2}).node("MatMul", {"row", "m"}, "y");
    change(made.graph.tensors[0]);
    return made.refusal();
  };
  const std::string where = R"(folder/made.onnx: node "y" (MatMul): the constant "m" )";
  CHECK(refusal([](auto& tensor) { tensor.type = static_cast<mien::model::OnnxType>(14); }) ==
        where + "is not of floats");
  static const float endless[] = {1, std::numeric_limits<float>::infinity()};
  CHECK(refusal([](auto& tensor) { tensor.bytes = std::as_bytes(std::span(endless)); }) ==
        where + "holds NaN, infinity or what fp32 cannot hold");

  // As torch.onnx.export writes networks beyond 2 GB: external_data, data_location EXTERNAL.
  ProtoMessage file, graph, tensor;
  tensor.integer(1, 1).integer(1, 2).integer(2, 1).text(8, "m").integer(14, 1);
  tensor.message(13, ProtoMessage().text(1, "location").text(2, "weights.bin"));
  OnnxMaker made({1, 1, 1});
  made.node("Flatten", {"x"}, "row").node("MatMul", {"row", "m"}, "y").graph.output("y", {2}, "");
  graph = mien::model::to_proto(made.graph, "made");
  file.message(8, ProtoMessage().integer(2, 13)).message(7, graph.message(5, tensor));
  const mien::test::TemporaryFolder folder;
  mien::write_file_atomically(folder / "f", [&](mien::AtomicFile& out) { file.write(out); });
  CHECK(
      OnnxMaker::refusal_of(mien::read_file(folder / "f", 10000)) ==
      R"(folder/made.onnx: node "y" (MatMul): the constant "m": its values are in another file, and only values )"
      "in this one are read");
}

TEST_CASE("operators of unknown versions are refused") {
  OnnxMaker made({1, 1, 1});
  made.node("Flatten", {"x"}, "row").classes("row", 1);
  for (const std::int64_t opset : {7, 24}) {
    made.opset = opset;
    CHECK(made.refusal().empty());
  }
  for (const std::int64_t opset : {6, 25, -1}) {
    made.opset = opset;
    CHECK(made.refusal() ==
          "folder/made.onnx: opset " + std::to_string(opset) + ", this program reads 7 to 24");
  }
}

TEST_CASE("a damaged ONNX file is refused by the byte and the field") {
  OnnxMaker made;
  made.node("Flatten", {"x"}, "row").classes("row", 36);
  const std::string good = made.bytes();
  REQUIRE(OnnxMaker::refusal_of(good).empty());
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK(OnnxMaker::refusal_of(good.substr(0, size)).rfind("folder/made.onnx: ", 0) == 0);
  }
  // Whatever single byte changes, the file is read or refused.
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    for (const int flip : {1, 4, 0x80, 0xff}) {
      changed[at] = static_cast<char>(good[at] ^ flip);
      (void)OnnxMaker::refusal_of(changed);
    }
  }
  const auto says = [](const std::string& bytes) { return OnnxMaker::refusal_of(bytes).substr(18); };
  CHECK(says("") == "byte 0: no ONNX file: it has no graph");
  CHECK(says("\x3a\x0a") == "byte 0: field 7 of 10 bytes is cut off, 0 are left");
  CHECK(says("\x3a\x02\x0a\x05") == "byte 2: graph: field 1 of 5 bytes is cut off, 0 are left");
  CHECK(says("\x3a\x04\x0a\x02\x0a\x03") == "byte 4: graph.node[0]: field 1 of 3 bytes is cut off, 0 are left");
  CHECK(says("\x0b") == "byte 0: field 1 is of wire type 3, which ONNX does not have");
  CHECK(says(std::string("\0", 1)) == "byte 0: no field has such a number");
  CHECK(says(std::string(11, '\xff')) == "byte 0: a number of more than 64 bits");
  CHECK(says("\x08\x80") == "byte 0: a number is cut off");
  CHECK(says("\x38\x01") == "byte 0: graph: field 7 is neither a text nor a message");
}

TEST_CASE("tensors whose bytes do not fit their shape are refused") {
  const auto says = [](const std::string& tensor) {
    const std::string graph = "\x2a" + std::string(1, static_cast<char>(tensor.size())) + tensor;
    return OnnxMaker::refusal_of("\x3a" + std::string(1, static_cast<char>(graph.size())) + graph).substr(18);
  };
  const std::string name = "\x42\x01m", f32 = std::string("\x10\x01", 2);
  CHECK(says(name + f32 + "\x08\x02" + "\x4a\x04" + "abcd") ==
        R"(byte 4: graph.initializer[0]: tensor "m": 4 bytes do not hold 2 numbers of 4)");
  CHECK(says(name + f32 + "\x08\x02") ==
        R"(byte 4: graph.initializer[0]: tensor "m": 0 bytes do not hold 2 numbers of 4)");
  CHECK(says(name + f32 + "\x4a\x04" + "abcd" + "\x22\x04" + "abcd") ==
        "byte 15: graph.initializer[0]: a tensor's numbers are given in two ways");
  CHECK(says(name + f32 + "\x22\x03" + "abc") == "byte 9: graph.initializer[0]: 3 bytes are no numbers of 4");
  const std::string minus_one = "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  CHECK(says(name + f32 + minus_one).rfind(R"(byte 4: graph.initializer[0]: tensor "m": )", 0) == 0);
  CHECK(says(name + f32 + "\x0a\x07\x01\x01\x01\x01\x01\x01\x01").rfind(R"(byte 4: graph.init)", 0) == 0);
}

TEST_CASE("a small file cannot make the reader take much memory") {
  // A node each of a million.
  std::string nodes;
  for (int i = 0; i < 1000000; ++i) nodes += std::string("\x0a\x00", 2);
  ProtoMessage file;
  file.text(7, nodes);
  const mien::test::TemporaryFolder folder;
  mien::write_file_atomically(folder / "f", [&](mien::AtomicFile& out) { file.write(out); });
  CHECK(OnnxMaker::refusal_of(mien::read_file(folder / "f", 10000000)).find("more than 262144 nodes, names") !=
        std::string::npos);
  // One matrix of 256 kB, transposed in each of 900 layers.
  OnnxMaker made({1, 1, 256});
  made.constant("w", Tensor({256, 256})).node("Flatten", {"x"}, "v0");
  for (int i = 0; i < 900; ++i) {
    made.node("Gemm", {"v" + std::to_string(i), "w"}, "v" + std::to_string(i + 1),
              {onnx_attribute("transB", Index{1})});
  }
  made.graph.output("v900", {}, "");
  CHECK(made.refusal().find("(Gemm): weights are used again too often") != std::string::npos);
}

TEST_CASE("metadata of mien's are believed only where the graph is what they would give") {
  const mien::test::TemporaryFolder folder;
  mien::model::ModelFile model;
  model.name = "own";
  model.spec = mien::model::ModelSpec::from_text("input 1 2 2 | relu | dense 2");
  model.labels = {"a", "b"};
  model.weights = {{"dense1.weight", mien::test::counted({4, 2})}, {"dense1.bias", mien::test::counted({2})}};
  model.normalization.scale = 0.5f;
  mien::model::write_onnx(folder / "own.onnx", model);
  const std::string good = mien::read_file(folder / "own.onnx", 100000);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    REQUIRE(bytes.find(from) != std::string::npos);
    for (std::size_t at = 0; (at = bytes.find(from, at)) != std::string::npos; ++at)
      bytes.replace(at, from.size(), to);
    return bytes;
  };
  CHECK(OnnxMaker::read_bytes(good).name == "own");
  // The graph says otherwise, and is what counts.
  const mien::model::ModelFile other = OnnxMaker::read_bytes(changed("input 1 2 2", "input 1 4 1"));
  CHECK(other.name == "made");
  CHECK(other.spec.to_text() == "input 1 2 2 | relu | dense 2");
  CHECK(other.normalization.scale == 0.5f);
  CHECK(other.labels == model.labels);
  CHECK(OnnxMaker::read_bytes(changed(R"("scale":0.5)", R"("scale":0.7)")).normalization.scale == 0.5f);
  CHECK(OnnxMaker::refusal_of(changed("Relu", "Selu"))
            .find(R"(node "relu1" (Selu): this operator is not supported)") != std::string::npos);
  CHECK(OnnxMaker::refusal_of(changed("Relu", "Selu"))
            .find(R"(the graph is not that of the spec in the file, either: node "relu1")") !=
        std::string::npos);
  CHECK(OnnxMaker::refusal_of(changed("| dense 2", "| dence 2")).find("unknown layer `dence`") !=
        std::string::npos);
}
