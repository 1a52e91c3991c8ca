// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
#include "model/onnx/graph.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace mien::model {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

namespace {

OnnxAttribute attribute(const char* name, OnnxAttributeType type) {
  return {.name = name, .type = type};
}

template <typename Value>
OnnxTensor small_tensor(const std::string& name, OnnxType type, const Shape& shape,
                        std::span<const Value> values) {
  const std::span<const std::byte> bytes = std::as_bytes(values);
  auto owned = std::make_shared<const std::string>(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::span<const std::byte> kept = std::as_bytes(std::span<const char>(*owned));
  return {
      .name = name, .type = type, .shape = shape, .bytes = kept, .owned = std::move(owned), .elsewhere = {}};
}

OnnxValue value_of(const char* name, const Shape& sample, std::string_view about) {
  OnnxValue value{
      .name = name, .type = OnnxType::f32, .extents = {{.name = "batch"}}, .about = std::string(about)};
  for (const Index extent : sample.extents()) value.extents.push_back({.value = extent});
  return value;
}

ProtoMessage proto_of(const OnnxTensor& tensor) {
  ProtoMessage message;
  for (const Index extent : tensor.shape.extents()) message.integer(1, extent);
  message.integer(2, static_cast<std::int64_t>(tensor.type)).text(8, tensor.name);
  return std::move(tensor.owned ? message.text(9, *tensor.owned) : message.view(9, tensor.bytes));
}

ProtoMessage proto_of(const OnnxAttribute& attribute) {
  ProtoMessage message;
  message.text(1, attribute.name).integer(20, static_cast<std::int64_t>(attribute.type));
  if (attribute.type == OnnxAttributeType::real) message.real(2, attribute.real);
  if (attribute.type == OnnxAttributeType::integer) message.integer(3, attribute.integer);
  if (attribute.type == OnnxAttributeType::text) message.text(4, attribute.text);
  for (const OnnxTensor& tensor : attribute.tensor) message.message(5, proto_of(tensor));
  for (const float value : attribute.reals) message.real(7, value);
  for (const std::int64_t value : attribute.integers) message.integer(8, value);
  return message;
}

ProtoMessage proto_of(const OnnxNode& node) {
  ProtoMessage message;
  for (const std::string& input : node.inputs) message.text(1, input);
  for (const std::string& output : node.outputs) message.text(2, output);
  message.text(3, node.name).text(4, node.op);
  for (const OnnxAttribute& one : node.attributes) message.message(5, proto_of(one));
  if (!node.domain.empty()) message.text(7, node.domain);
  return message;
}

ProtoMessage proto_of(const OnnxValue& value) {
  ProtoMessage shape;
  for (const OnnxValue::Extent& extent : value.extents) {
    ProtoMessage dimension;
    if (extent.value >= 0) dimension.integer(1, extent.value);
    if (!extent.name.empty()) dimension.text(2, extent.name);
    shape.message(1, dimension);
  }
  ProtoMessage type;
  type.integer(1, static_cast<std::int64_t>(value.type)).message(2, shape);
  ProtoMessage message;
  message.text(1, value.name).message(2, ProtoMessage().message(1, type));
  if (!value.about.empty()) message.text(3, value.about);
  return message;
}

}  // namespace

bool operator==(const OnnxTensor& a, const OnnxTensor& b) {
  return a.name == b.name && a.type == b.type && a.shape == b.shape && a.elsewhere == b.elsewhere &&
         std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
}

OnnxAttribute onnx_attribute(const char* name, float value) {
  OnnxAttribute result = attribute(name, OnnxAttributeType::real);
  result.real = value;
  return result;
}

OnnxAttribute onnx_attribute(const char* name, Index value) {
  OnnxAttribute result = attribute(name, OnnxAttributeType::integer);
  result.integer = value;
  return result;
}

OnnxAttribute onnx_attribute(const char* name, const char* value) {
  OnnxAttribute result = attribute(name, OnnxAttributeType::text);
  result.text = value;
  return result;
}

OnnxAttribute onnx_attribute(const char* name, std::initializer_list<Index> values) {
  OnnxAttribute result = attribute(name, OnnxAttributeType::integers);
  result.integers.assign(values.begin(), values.end());
  return result;
}

std::string OnnxGraph::node(const char* op, const std::string& result, const std::vector<std::string>& from,
                            const OnnxAttributes& attributes) {
  nodes.push_back(
      {.name = result, .op = op, .domain = {}, .inputs = from, .outputs = {result}, .attributes = attributes});
  return result;
}

std::string OnnxGraph::tensor(const std::string& name, const Shape& shape, const Tensor& tensor) {
  tensors.push_back({.name = name,
                     .type = OnnxType::f32,
                     .shape = shape,
                     .bytes = std::as_bytes(tensor.values()),
                     .owned = {},
                     .elsewhere = {}});
  return name;
}

std::string OnnxGraph::scalar(const std::string& name, float value) {
  tensors.push_back(small_tensor<float>(name, OnnxType::f32, Shape(), {&value, 1}));
  return name;
}

std::string OnnxGraph::reals(const std::string& name, const std::vector<float>& values) {
  const Shape shape{static_cast<Index>(values.size())};
  tensors.push_back(small_tensor<float>(name, OnnxType::f32, shape, values));
  return name;
}

std::string OnnxGraph::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  const Shape shape{static_cast<Index>(values.size())};
  tensors.push_back(small_tensor<std::int64_t>(name, OnnxType::i64, shape, values));
  return name;
}

void OnnxGraph::input(const char* name, const Shape& sample, std::string_view about) {
  inputs.push_back(value_of(name, sample, about));
}

void OnnxGraph::output(const char* name, const Shape& sample, std::string_view about) {
  outputs.push_back(value_of(name, sample, about));
}

ProtoMessage to_proto(const OnnxGraph& graph, const std::string& name) {
  ProtoMessage message;
  for (const OnnxNode& node : graph.nodes) message.message(1, proto_of(node));
  message.text(2, name);
  for (const OnnxTensor& tensor : graph.tensors) message.message(5, proto_of(tensor));
  for (const OnnxValue& value : graph.inputs) message.message(11, proto_of(value));
  for (const OnnxValue& value : graph.outputs) message.message(12, proto_of(value));
  return message;
}

}  // namespace mien::model
