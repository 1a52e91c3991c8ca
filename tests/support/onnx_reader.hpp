// Reads ONNX files far enough to see what is in them, sharing no code with what writes them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mien::test {

/// A protobuf message's fields in the order of the file: numbers for varints and fixed32, bytes otherwise.
class ProtoFields {
 public:
  explicit ProtoFields(std::string_view bytes) : rest_(bytes) {
    while (!rest_.empty()) {
      const std::uint64_t key = varint();
      Field field{.id = static_cast<int>(key >> 3)};
      if ((key & 7) == 0) {
        field.number = varint();
      } else if ((key & 7) == 2) {
        field.bytes = take(varint());
      } else if ((key & 7) == 5) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, take(4).data(), 4);
        field.number = bits;
      } else {
        throw std::runtime_error("protobuf: wire type " + std::to_string(key & 7));
      }
      fields_.push_back(field);
    }
  }

  std::vector<std::string_view> all(int id) const {
    std::vector<std::string_view> result;
    for (const Field& field : fields_) {
      if (field.id == id) result.push_back(field.bytes);
    }
    return result;
  }
  std::vector<std::int64_t> numbers(int id) const {
    std::vector<std::int64_t> result;
    for (const Field& field : fields_) {
      if (field.id == id) result.push_back(static_cast<std::int64_t>(field.number));
    }
    return result;
  }
  std::string text(int id) const { return std::string(all(id).at(0)); }
  std::int64_t number(int id) const { return numbers(id).at(0); }
  float real(int id) const { return std::bit_cast<float>(static_cast<std::uint32_t>(number(id))); }
  ProtoFields message(int id) const { return ProtoFields(all(id).at(0)); }

 private:
  struct Field {
    int id = 0;
    std::uint64_t number = 0;
    std::string_view bytes = {};
  };
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) throw std::runtime_error("protobuf: cut off");
    const std::string_view result = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return result;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    throw std::runtime_error("protobuf: endless number");
  }

  std::string_view rest_;
  std::vector<Field> fields_;
};

struct OnnxNode {
  std::string op, name;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, std::vector<std::int64_t>> integers;  ///< of types INT and INTS
  std::map<std::string, float> reals;                         ///< of type FLOAT
  std::map<std::string, std::string> texts;                   ///< of type STRING
};

struct OnnxTensor {
  std::vector<std::int64_t> dims;
  std::vector<float> values;           ///< of type FLOAT
  std::vector<std::int64_t> integers;  ///< of type INT64
};

struct OnnxValue {
  std::string name;
  std::vector<std::string> dims;  ///< numbers, or the names of free ones
  std::string about;              ///< doc_string
};

struct OnnxFile {
  std::int64_t ir_version = 0, opset = 0;
  std::map<std::string, std::string> metadata;
  std::vector<OnnxNode> nodes;
  std::map<std::string, OnnxTensor> tensors;
  std::vector<OnnxValue> inputs, outputs;

  const OnnxNode& node(const std::string& name) const {
    for (const OnnxNode& one : nodes) {
      if (one.name == name) return one;
    }
    throw std::runtime_error("ONNX: no node " + name);
  }
  std::vector<std::string> ops() const {
    std::vector<std::string> result;
    for (const OnnxNode& one : nodes) result.push_back(one.op);
    return result;
  }
};

inline OnnxNode onnx_node(std::string_view bytes) {
  const ProtoFields fields(bytes);
  OnnxNode node;
  node.op = fields.text(4);
  node.name = fields.text(3);
  for (const std::string_view input : fields.all(1)) node.inputs.emplace_back(input);
  for (const std::string_view output : fields.all(2)) node.outputs.emplace_back(output);
  for (const std::string_view one : fields.all(5)) {
    const ProtoFields attribute(one);
    const std::int64_t type = attribute.number(20);
    if (type == 1) node.reals[attribute.text(1)] = attribute.real(2);
    if (type == 2) node.integers[attribute.text(1)] = {attribute.number(3)};
    if (type == 3) node.texts[attribute.text(1)] = attribute.text(4);
    if (type == 7) node.integers[attribute.text(1)] = attribute.numbers(8);
    if (type != 1 && type != 2 && type != 3 && type != 7) throw std::runtime_error("ONNX: attribute type");
  }
  return node;
}

inline OnnxValue onnx_value(std::string_view bytes) {
  const ProtoFields fields(bytes);
  const ProtoFields tensor = fields.message(2).message(1);
  if (tensor.number(1) != 1) throw std::runtime_error("ONNX: not float");
  OnnxValue value{.name = fields.text(1), .dims = {}, .about = {}};
  if (!fields.all(3).empty()) value.about = fields.text(3);
  for (const std::string_view one : tensor.message(2).all(1)) {
    const ProtoFields dim(one);
    value.dims.push_back(dim.all(2).empty() ? std::to_string(dim.number(1)) : dim.text(2));
  }
  return value;
}

template <typename Value>
std::vector<Value> onnx_raw_data(const ProtoFields& tensor) {
  const std::string_view raw = tensor.all(9).at(0);
  std::vector<Value> values(raw.size() / sizeof(Value));
  std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}

inline OnnxTensor onnx_tensor(const ProtoFields& fields) {
  OnnxTensor tensor{.dims = fields.numbers(1), .values = {}, .integers = {}};
  const std::int64_t type = fields.number(2);
  if (type == 1) tensor.values = onnx_raw_data<float>(fields);
  if (type == 7) tensor.integers = onnx_raw_data<std::int64_t>(fields);
  if (type != 1 && type != 7) throw std::runtime_error("ONNX: tensor type");
  return tensor;
}

inline OnnxFile parse_onnx(std::string_view bytes) {
  const ProtoFields model(bytes);
  OnnxFile file;
  file.ir_version = model.number(1);
  file.opset = model.message(8).number(2);
  for (const std::string_view one : model.all(14)) {
    const ProtoFields entry(one);
    file.metadata[entry.text(1)] = entry.text(2);
  }
  const ProtoFields graph = model.message(7);
  for (const std::string_view one : graph.all(1)) file.nodes.push_back(onnx_node(one));
  for (const std::string_view one : graph.all(11)) file.inputs.push_back(onnx_value(one));
  for (const std::string_view one : graph.all(12)) file.outputs.push_back(onnx_value(one));
  for (const std::string_view one : graph.all(5)) {
    const ProtoFields fields(one);
    if (!file.tensors.emplace(fields.text(8), onnx_tensor(fields)).second) {
      throw std::runtime_error("ONNX: a tensor twice");
    }
  }
  return file;
}

}  // namespace mien::test
