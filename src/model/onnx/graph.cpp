// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
#include "model/onnx/graph.hpp"

#include <bit>
#include <span>
#include <utility>

namespace mien::model {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

namespace {

enum class DataType { real = 1, integer = 7 };                               // TensorProto.DataType
enum class AttributeType { real = 1, integer = 2, text = 3, integers = 7 };  // AttributeProto.AttributeType

ProtoMessage attribute(const char* name, AttributeType type) {
  return std::move(ProtoMessage().text(1, name).integer(20, static_cast<int>(type)));
}

ProtoMessage tensor_header(const std::string& name, DataType type, const Shape& shape) {
  ProtoMessage tensor;
  for (const Index extent : shape.extents()) tensor.integer(1, extent);
  tensor.integer(2, static_cast<int>(type)).text(8, name);
  return tensor;
}

template <typename Value>
ProtoMessage small_tensor(const std::string& name, DataType type, const Shape& shape,
                          std::span<const Value> values) {
  const std::span<const std::byte> bytes = std::as_bytes(values);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::move(tensor_header(name, type, shape).text(9, text));
}

ProtoMessage value_info(const char* name, const Shape& sample, std::string_view about) {
  ProtoMessage shape;
  shape.message(1, ProtoMessage().text(2, "batch"));
  for (const Index extent : sample.extents()) shape.message(1, ProtoMessage().integer(1, extent));
  ProtoMessage type;
  type.integer(1, static_cast<int>(DataType::real)).message(2, shape);
  ProtoMessage value;
  value.text(1, name).message(2, ProtoMessage().message(1, type));
  if (!about.empty()) value.text(3, about);
  return value;
}

}  // namespace

ProtoMessage onnx_attribute(const char* name, float value) {
  return std::move(attribute(name, AttributeType::real).real(2, value));
}

ProtoMessage onnx_attribute(const char* name, Index value) {
  return std::move(attribute(name, AttributeType::integer).integer(3, value));
}

ProtoMessage onnx_attribute(const char* name, const char* value) {
  return std::move(attribute(name, AttributeType::text).text(4, value));
}

ProtoMessage onnx_attribute(const char* name, std::initializer_list<Index> values) {
  ProtoMessage result = attribute(name, AttributeType::integers);
  for (const Index value : values) result.integer(8, value);
  return result;
}

std::string OnnxGraph::node(const char* op, const std::string& result, const std::vector<std::string>& inputs,
                            const OnnxAttributes& attributes) {
  ProtoMessage node;
  for (const std::string& input : inputs) node.text(1, input);
  node.text(2, result).text(3, result).text(4, op);
  for (const ProtoMessage& one : attributes) node.message(5, one);
  message_.message(1, node);
  return result;
}

std::string OnnxGraph::tensor(const std::string& name, const Shape& shape, const Tensor& tensor) {
  message_.message(5, tensor_header(name, DataType::real, shape).view(9, std::as_bytes(tensor.values())));
  return name;
}

std::string OnnxGraph::scalar(const std::string& name, float value) {
  message_.message(5, small_tensor<float>(name, DataType::real, Shape(), {&value, 1}));
  return name;
}

std::string OnnxGraph::reals(const std::string& name, std::initializer_list<float> values) {
  const Shape shape{static_cast<Index>(values.size())};
  message_.message(5, small_tensor<float>(name, DataType::real, shape, values));
  return name;
}

std::string OnnxGraph::integers(const std::string& name, std::initializer_list<std::int64_t> values) {
  const Shape shape{static_cast<Index>(values.size())};
  message_.message(5, small_tensor<std::int64_t>(name, DataType::integer, shape, values));
  return name;
}

void OnnxGraph::input(const char* name, const Shape& sample, std::string_view about) {
  message_.message(11, value_info(name, sample, about));
}

void OnnxGraph::output(const char* name, const Shape& sample, std::string_view about) {
  message_.message(12, value_info(name, sample, about));
}

ProtoMessage OnnxGraph::finish(const std::string& name) {
  message_.text(2, name);
  return std::exchange(message_, {});
}

}  // namespace mien::model
