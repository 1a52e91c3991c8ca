// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
#include "mien/model/onnx.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "mien/core/error.hpp"
#include "mien/core/json.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "mien/model/encoding.hpp"
#include "model/onnx_proto.hpp"

namespace mien::model {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

namespace {

constexpr int kIrVersion = 7;
constexpr int kOpset = 13;
constexpr int kFloat = 1;  // TensorProto.DataType
constexpr const char* kInput = "image";
constexpr const char* kOutput = "probabilities";
constexpr std::size_t kMaxBytes = std::numeric_limits<std::int32_t>::max();  // protobuf's limit

// No image of whole-numbered pixels has |p - m| between 0 and this (two pixels one apart: sqrt(1/2)).
constexpr float kSmallestNorm = 0.5f;
constexpr float kTangNorm = 100;

// ---- attributes of nodes --------------------------------------------------------------------------

using Attributes = std::vector<ProtoMessage>;
enum class AttributeType { real = 1, integer = 2, integers = 7 };  // AttributeProto.AttributeType

ProtoMessage attribute(const char* name, AttributeType type) {
  return std::move(ProtoMessage().text(1, name).integer(20, static_cast<int>(type)));
}
ProtoMessage real(const char* name, float value) {
  return std::move(attribute(name, AttributeType::real).real(2, value));
}
ProtoMessage integer(const char* name, Index value) {
  return std::move(attribute(name, AttributeType::integer).integer(3, value));
}
ProtoMessage integers(const char* name, std::initializer_list<Index> values) {
  ProtoMessage result = attribute(name, AttributeType::integers);
  for (const Index value : values) result.integer(8, value);
  return result;
}

// Of one sliding window. ONNX has a SAME of its own, but the padding is spelled out: not every reader agrees
// on where the odd zero goes.
template <typename Window>
Attributes window_attributes(const PlannedLayer& layer, const Window& s) {
  Index before[2], after[2];
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const Index extent = layer.input[axis + 1];
    const WindowAxis w = window_axis(extent, s.kernel, s.stride, s.padding, layer.name);
    before[axis] = w.pad_before;
    after[axis] = std::max<Index>((w.output - 1) * s.stride + s.kernel - extent - w.pad_before, 0);
  }
  return {integers("kernel_shape", {s.kernel, s.kernel}), integers("strides", {s.stride, s.stride}),
          integers("pads", {before[0], before[1], after[0], after[1]})};
}

// ---- the graph ------------------------------------------------------------------------------------

/// GraphProto. Every node gives one value; value() is the one given last.
class Graph {
 public:
  const std::string& value() const { return value_; }

  /// A node reading value() and then `more`; its result is called `result` and becomes value().
  void node(const char* op, const std::string& result, const std::vector<std::string>& more = {},
            const Attributes& attributes = {}) {
    ProtoMessage node;
    node.text(1, value_);
    for (const std::string& input : more) node.text(1, input);
    node.text(2, result).text(3, result).text(4, op);
    for (const ProtoMessage& one : attributes) node.message(5, one);
    message_.message(1, node);
    value_ = result;
  }
  /// Returns to a value given earlier.
  void go_back_to(const std::string& value) { value_ = value; }

  /// An initializer; its values are not copied.
  void tensor(const std::string& name, const Shape& shape, const Tensor& tensor) {
    message_.message(5, header(name, shape).view(9, std::as_bytes(tensor.values())));
  }
  /// An initializer of one value, of any rank when combined with others.
  void scalar(const std::string& name, float value) {
    const std::span<const float> one(&value, 1);
    const std::span<const std::byte> bytes = std::as_bytes(one);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    message_.message(5, header(name, Shape()).text(9, text));
  }

  ProtoMessage finish(const ModelFile& model) {
    const ModelSpec& s = model.spec;
    message_.text(2, model.name.empty() ? "mien" : model.name);
    message_.message(11, value_info(kInput, {s.channels, s.height, s.width}));
    message_.message(12, value_info(kOutput, {class_count(s)}));
    return std::move(message_);
  }

 private:
  static ProtoMessage header(const std::string& name, const Shape& shape) {
    ProtoMessage tensor;
    for (const Index extent : shape.extents()) tensor.integer(1, extent);
    tensor.integer(2, kFloat).text(8, name);
    return tensor;
  }
  static ProtoMessage value_info(const char* name, const Shape& sample) {
    ProtoMessage shape;
    shape.message(1, ProtoMessage().text(2, "batch"));
    for (const Index extent : sample.extents()) shape.message(1, ProtoMessage().integer(1, extent));
    ProtoMessage type;
    type.integer(1, kFloat).message(2, shape);
    return std::move(ProtoMessage().text(1, name).message(2, ProtoMessage().message(1, type)));
  }

  ProtoMessage message_;
  std::string value_ = kInput;
};

// image::normalize in float.
void add_normalization(Graph& graph, const ModelFile& model) {
  const image::Normalization& n = model.normalization;
  const Shape sample{1, model.spec.channels, model.spec.height, model.spec.width};
  const Attributes whole_image = {integers("axes", {1, 2, 3}), integer("keepdims", 1)};
  float scale = n.scale;
  if (n.per_image != image::PerImage::none) {
    // The darkest pixel is taken off first: an image of one gray is then exactly 0 whatever its size.
    graph.node("ReduceMin", "input.darkest", {}, whole_image);
    graph.go_back_to(kInput);
    graph.node("Sub", "input.above_darkest", {"input.darkest"});
    graph.node("ReduceMean", "input.level", {}, whole_image);
    graph.go_back_to("input.above_darkest");
    graph.node("Sub", "input.centered", {"input.level"});
  }
  if (n.per_image == image::PerImage::norm100) {
    graph.scalar("input.smallest_norm", kSmallestNorm);
    graph.node("ReduceL2", "input.norm", {}, whole_image);
    graph.node("Max", "input.divisor", {"input.smallest_norm"});
    graph.go_back_to("input.centered");
    graph.node("Div", "input.unit", {"input.divisor"});
    scale *= kTangNorm;
  }
  if (scale != 1) {
    graph.scalar("input.scale", scale);
    graph.node("Mul", "input.scaled", {"input.scale"});
  }
  const auto per_pixel = [&](const char* op, const char* result, const char* name, const Tensor& tensor) {
    if (!tensor.defined()) return;
    if (tensor.size() != sample.size()) {
      throw ArgumentError("[write_onnx] " + std::string(name) + " holds " + std::to_string(tensor.size()) +
                          " values, the image has " + std::to_string(sample.size()) + " pixels");
    }
    graph.tensor(name, sample, tensor);
    graph.node(op, result, {name});
  };
  per_pixel("Sub", "input.minus_mean", "input.mean", n.mean);
  per_pixel("Mul", "input.standardized", "input.inv_std", n.inv_std);
}

// One layer: the nodes that compute it. The last one bears the layer's name.
struct AddLayer {
  Graph& graph;
  const PlannedLayer& layer;

  std::vector<std::string> parameters() const {
    std::vector<std::string> names;
    for (const ParameterSpec& parameter : layer.parameters) names.push_back(parameter.name);
    return names;
  }

  void operator()(const ConvSpec& s) const {
    graph.node("Conv", layer.name, parameters(), window_attributes(layer, s));
  }
  void operator()(const MaxPoolSpec& s) const {
    graph.node("MaxPool", layer.name, {}, window_attributes(layer, s));
  }
  void operator()(const AvgPoolSpec& s) const {
    Attributes attributes = window_attributes(layer, s);
    attributes.push_back(integer("count_include_pad", 0));
    graph.node("AveragePool", layer.name, {}, attributes);
  }
  void operator()(const GlobalPoolSpec&) const {
    graph.node("GlobalAveragePool", layer.name + ".planes");
    graph.node("Flatten", layer.name, {}, {integer("axis", 1)});
  }
  void operator()(const LrnSpec& s) const {
    if (s.alpha == 0 || s.beta == 0) {  // ONNX Runtime refuses both
      graph.scalar(layer.name + ".factor", std::pow(s.bias, -s.beta));
      graph.node("Mul", layer.name, {layer.name + ".factor"});
      return;
    }
    // A window beyond all channels sums nothing more, but costs readers that pad.
    const Index size = 2 * std::min(s.radius, layer.input[0] - 1) + 1;
    graph.node("LRN", layer.name, {},
               {integer("size", size), real("alpha", s.alpha * static_cast<float>(size)), real("beta", s.beta),
                real("bias", s.bias)});
  }
  void operator()(const BatchNormSpec& s) const {
    graph.node("BatchNormalization", layer.name, parameters(), {real("epsilon", s.epsilon)});
  }
  void operator()(const ReluSpec&) const { graph.node("Relu", layer.name); }
  void operator()(const DropoutSpec&) const {}
  void operator()(const FlattenSpec&) const { graph.node("Flatten", layer.name, {}, {integer("axis", 1)}); }
  void operator()(const DenseSpec&) const {
    if (layer.input.rank() != 1) graph.node("Flatten", layer.name + ".flat", {}, {integer("axis", 1)});
    graph.node("Gemm", layer.name, parameters());
  }
};

// The model's next weight, which must be the one its spec names next.
void add_weight(Graph& graph, const ModelFile& model, std::size_t index, const ParameterSpec& expected) {
  if (index >= model.weights.size() || model.weights[index].name != expected.name ||
      model.weights[index].tensor.shape() != expected.shape || !model.weights[index].tensor.defined()) {
    throw ArgumentError("[write_onnx] expected the weight " + expected.name + " " + expected.shape.to_string());
  }
  graph.tensor(expected.name, expected.shape, model.weights[index].tensor);
}

ProtoMessage graph_of(const ModelFile& model) {
  Graph graph;
  add_normalization(graph, model);
  std::size_t weights = 0;
  for (const PlannedLayer& layer : plan(model.spec)) {
    for (const ParameterSpec& parameter : layer.parameters) add_weight(graph, model, weights++, parameter);
    std::visit(AddLayer{graph, layer}, layer.spec);
  }
  if (weights != model.weights.size()) throw ArgumentError("[write_onnx] more weights than the spec names");
  if (model.temperature != 1) {
    graph.scalar("temperature", model.temperature);
    graph.node("Div", "calibrated", {"temperature"});
  }
  graph.node("Softmax", kOutput, {}, {integer("axis", 1)});
  return graph.finish(model);
}

ProtoMessage property(const char* key, std::string_view value) {
  return std::move(ProtoMessage().text(1, key).text(2, value));
}

}  // namespace

void write_onnx(const std::filesystem::path& path, const ModelFile& model) {
  const Index classes = class_count(model.spec);
  if (static_cast<Index>(model.labels.size()) != classes) {
    throw ArgumentError("[write_onnx] " + std::to_string(model.labels.size()) + " labels for " +
                        std::to_string(classes) + " classes");
  }
  if (!is_temperature(model.temperature)) {
    throw ArgumentError("[write_onnx] the temperature must be a finite number above 0");
  }
  if (!is_utf8(model.name)) throw ArgumentError("[write_onnx] the model's name is not UTF-8");
  Json labels{Json::Array{}};
  for (const std::string& label : model.labels) labels.append(label);

  const ModelFile f32 = with_encoding(model, Encoding::f32);  // lives on, since messages refer to its values
  ProtoMessage file;
  file.integer(1, kIrVersion).text(2, "mien").text(3, version());
  file.message(8, ProtoMessage().text(1, "").integer(2, kOpset));
  file.message(14, property("labels", to_json(labels)));
  file.message(14, property("mien.name", model.name));
  file.message(14, property("mien.spec", model.spec.to_text()));
  file.message(7, graph_of(f32));
  if (file.size() > kMaxBytes) {
    throw ArgumentError("[write_onnx] " + path.string() + ": would take " + std::to_string(file.size()) +
                        " bytes, an ONNX file holds at most " + std::to_string(kMaxBytes));
  }
  write_file_atomically(path, [&](AtomicFile& out) { file.write(out); });
}

}  // namespace mien::model
