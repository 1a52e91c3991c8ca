// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
#include "model/onnx/write.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mien/core/error.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "mien/model/encoding.hpp"
#include "mien/model/graph.hpp"
#include "model/geometry.hpp"
#include "model/model_metadata.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/preparation.hpp"
#include "model/onnx/proto_writer.hpp"

namespace mien::model {

namespace {

constexpr int kIrVersion = 7;
constexpr int kOpset = 13;
constexpr const char* kOutput = "probabilities";
constexpr std::size_t kMaxBytes = std::numeric_limits<std::int32_t>::max();  // protobuf's limit

// Of one sliding window. ONNX has a SAME of its own, but the padding is spelled out: not every reader agrees
// on where the odd zero goes.
template <typename Window>
OnnxAttributes window_attributes(const Node& layer, const Window& s) {
  const WindowSize window = s.kernel;
  const Padding zeros = covered_zeros(layer, s);
  return {onnx_attribute("kernel_shape", {window.height, window.width}),
          onnx_attribute("strides", {s.stride, s.stride}),
          onnx_attribute("pads", {zeros.top, zeros.left, zeros.bottom, zeros.right})};
}

// One layer reading `input`: the nodes that compute it. The last one, whose name is returned, bears the
// layer's.
struct AddLayer {
  OnnxGraph& graph;
  const Node& layer;
  const std::vector<std::string>& inputs;  // names of its values
  const std::string& input = inputs[0];

  /// Of a node that reads the layer's parameters, too.
  std::vector<std::string> input_and_parameters() const {
    std::vector<std::string> names{input};
    for (const ParameterSpec& parameter : layer.parameters) names.push_back(parameter.name);
    return names;
  }
  std::string flatten(const std::string& result, const std::string& value) const {
    return graph.node("Flatten", result, {value}, {onnx_attribute("axis", Index{1})});
  }

  std::string operator()(const ConvSpec& s) const {
    return graph.node("Conv", layer.name, input_and_parameters(), window_attributes(layer, s));
  }
  std::string operator()(const DwConvSpec& s) const {
    OnnxAttributes attributes = window_attributes(layer, s);
    attributes.push_back(onnx_attribute("group", layer.input()[0]));
    return graph.node("Conv", layer.name, input_and_parameters(), attributes);
  }
  std::string operator()(const MaxPoolSpec& s) const {
    return graph.node("MaxPool", layer.name, {input}, window_attributes(layer, s));
  }
  std::string operator()(const AvgPoolSpec& s) const {
    OnnxAttributes attributes = window_attributes(layer, s);
    attributes.push_back(onnx_attribute("count_include_pad", Index{0}));
    return graph.node("AveragePool", layer.name, {input}, attributes);
  }
  std::string operator()(const GlobalPoolSpec&) const {
    return flatten(layer.name, graph.node("GlobalAveragePool", layer.name + ".planes", {input}));
  }
  std::string operator()(const LrnSpec& s) const {
    if (s.alpha == 0 || s.beta == 0) {  // ONNX Runtime refuses both
      const std::string factor = graph.scalar(layer.name + ".factor", std::pow(s.bias, -s.beta));
      return graph.node("Mul", layer.name, {input, factor});
    }
    // A window beyond all channels sums nothing more, but costs readers that pad.
    const Index size = 2 * std::min(s.radius, layer.input()[0] - 1) + 1;
    return graph.node(
        "LRN", layer.name, {input},
        {onnx_attribute("size", size), onnx_attribute("alpha", s.alpha * static_cast<float>(size)),
         onnx_attribute("beta", s.beta), onnx_attribute("bias", s.bias)});
  }
  std::string operator()(const BatchNormSpec& s) const {
    return graph.node("BatchNormalization", layer.name, input_and_parameters(),
                      {onnx_attribute("epsilon", s.epsilon)});
  }
  std::string operator()(const ReluSpec&) const { return graph.node("Relu", layer.name, {input}); }
  std::string operator()(const SigmoidSpec&) const { return graph.node("Sigmoid", layer.name, {input}); }
  std::string operator()(const Relu6Spec&) const {
    return graph.node("Clip", layer.name,
                      {input, graph.scalar(layer.name + ".low", 0), graph.scalar(layer.name + ".high", 6)});
  }
  // HardSwish and Swish are of later versions than ours.
  std::string operator()(const HSwishSpec&) const {
    const std::string factor = graph.node("HardSigmoid", layer.name + ".factor", {input},
                                          {onnx_attribute("alpha", 1.0f / 6.0f), onnx_attribute("beta", 0.5f)});
    return graph.node("Mul", layer.name, {input, factor});
  }
  std::string operator()(const SiluSpec&) const {
    return graph.node("Mul", layer.name, {input, graph.node("Sigmoid", layer.name + ".factor", {input})});
  }
  std::string operator()(const LeakyReluSpec& s) const {
    return graph.node("LeakyRelu", layer.name, {input}, {onnx_attribute("alpha", s.slope)});
  }
  std::string operator()(const PReluSpec&) const {
    return graph.node("PRelu", layer.name, input_and_parameters());
  }
  std::string operator()(const DropoutSpec&) const { return input; }
  std::string operator()(const FromSpec&) const { return input; }
  std::string operator()(const AddSpec&) const { return graph.node("Add", layer.name, inputs); }
  std::string operator()(const ConcatSpec&) const {
    return graph.node("Concat", layer.name, inputs, {onnx_attribute("axis", Index{1})});
  }
  std::string operator()(const GateSpec&) const {
    const bool image_first = layer.input().rank() == 3;
    const std::string planes = graph.node(
        "Reshape", layer.name + ".planes",
        {inputs[image_first ? 1 : 0], graph.integers(layer.name + ".shape", {-1, layer.output[0], 1, 1})});
    return graph.node("Mul", layer.name, {inputs[image_first ? 0 : 1], planes});
  }
  std::string operator()(const UpsampleSpec&) const {
    const std::string scales = graph.reals(layer.name + ".scales", {1, 1, 2, 2});
    return graph.node(
        "Resize", layer.name, {input, "", scales},
        {onnx_attribute("mode", "nearest"), onnx_attribute("coordinate_transformation_mode", "asymmetric"),
         onnx_attribute("nearest_mode", "floor")});
  }
  std::string operator()(const FlattenSpec&) const { return flatten(layer.name, input); }
  // Not a Gemm: OpenCV 4.6 takes only those whose weights lie the other way round.
  std::string operator()(const DenseSpec& s) const {
    const std::string row = layer.input().rank() == 1 ? input : flatten(layer.name + ".flat", input);
    const std::string& weight = layer.parameters[0].name;
    if (!s.bias) return graph.node("MatMul", layer.name, {row, weight});
    const std::string product = graph.node("MatMul", layer.name + ".product", {row, weight});
    return graph.node("Add", layer.name, {product, layer.parameters[1].name});
  }
};

// As ONNX combines it with an image.
Shape onnx_shape(const Node& layer, const ParameterSpec& parameter) {
  const bool slopes = std::holds_alternative<PReluSpec>(layer.spec) && layer.input().rank() == 3;
  return slopes ? Shape{parameter.shape[0], 1, 1} : parameter.shape;
}

// The model's next weight, which must be the one its spec names next.
void add_weight(OnnxGraph& graph, const ModelFile& model, std::size_t index, const Node& layer,
                const ParameterSpec& expected) {
  if (index >= model.weights.size() || model.weights[index].name != expected.name ||
      model.weights[index].tensor.shape() != expected.shape || !model.weights[index].tensor.defined()) {
    throw ArgumentError("[write_onnx] expected the weight " + expected.name + " " + expected.shape.to_string());
  }
  graph.tensor(expected.name, onnx_shape(layer, expected), model.weights[index].tensor);
}

}  // namespace

OnnxGraph to_onnx_graph(const ModelFile& model, OnnxInput input) {
  OnnxGraph graph;
  const std::string prepared = add_preparation(graph, model, input);
  const Graph network = plan(model.spec);
  std::vector<std::string> values;  // of each node
  const auto name_of = [&](int node) {
    return node == Node::kNetworkInput ? prepared : values[static_cast<std::size_t>(node)];
  };
  std::size_t weights = 0;
  for (const Node& layer : network.nodes) {
    for (const ParameterSpec& parameter : layer.parameters)
      add_weight(graph, model, weights++, layer, parameter);
    std::vector<std::string> inputs;
    for (const int node : layer.inputs) inputs.push_back(name_of(node));
    values.push_back(std::visit(AddLayer{graph, layer, inputs}, layer.spec));
  }
  std::string value = name_of(network.single_output());
  if (weights != model.weights.size()) throw ArgumentError("[write_onnx] more weights than the spec names");
  if (model.temperature != 1) {
    value = graph.node("Div", "calibrated", {value, graph.scalar("temperature", model.temperature)});
  }
  graph.node("Softmax", kOutput, {value}, {onnx_attribute("axis", Index{1})});
  graph.output(kOutput, {class_count(model.spec)}, "");
  return graph;
}

void write_onnx(const std::filesystem::path& path, const ModelFile& model, OnnxInput input) {
  const Index classes = class_count(model.spec);
  if (static_cast<Index>(model.labels.size()) != classes) {
    throw ArgumentError("[write_onnx] " + std::to_string(model.labels.size()) + " labels for " +
                        std::to_string(classes) + " classes");
  }
  if (!is_temperature(model.temperature)) {
    throw ArgumentError("[write_onnx] the temperature must be a finite number above 0");
  }
  Metadata metadata = to_metadata(model);
  metadata[kOnnxLabels] = metadata.at(kModelLabelsKey);
  metadata["mien.preparation"] = onnx_preparation(model.normalization, input);
  for (const auto& [key, value] : metadata) {
    if (!is_utf8(key) || !is_utf8(value)) throw ArgumentError("[write_onnx] " + quote(key) + " is not UTF-8");
    if (key.size() > OnnxLimits::kMaxNameBytes || value.size() > OnnxLimits::kMaxTextBytes) {
      throw ArgumentError("[write_onnx] " + quote(key) + " is too long");
    }
  }

  const ModelFile f32 = with_encoding(model, Encoding::f32);  // lives on, since messages refer to its values
  ProtoMessage file;
  file.integer(1, kIrVersion).text(2, "mien").text(3, version());
  file.message(8, ProtoMessage().text(1, "").integer(2, kOpset));
  for (const auto& [key, value] : metadata) file.message(14, ProtoMessage().text(1, key).text(2, value));
  file.message(7, to_proto(to_onnx_graph(f32, input), model.name.empty() ? "mien" : model.name));
  if (file.size() > kMaxBytes) {
    throw ArgumentError("[write_onnx] " + path.string() + ": would take " + std::to_string(file.size()) +
                        " bytes, an ONNX file holds at most " + std::to_string(kMaxBytes));
  }
  write_file_atomically(path, [&](AtomicFile& out) { file.write(out); });
}

}  // namespace mien::model
