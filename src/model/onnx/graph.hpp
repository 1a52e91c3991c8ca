// The graph of an ONNX file as plain data: what is written, and what was read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/core/tensor.hpp"
#include "model/onnx/proto_writer.hpp"

namespace mien::model {

/// TensorProto.DataType, as far as anything here knows it.
enum class OnnxType : std::int64_t {
  none = 0,
  f32 = 1,
  i32 = 6,
  i64 = 7,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  bf16 = 16
};

/// A constant, row-major and little-endian.
struct OnnxTensor {
  std::string name;
  OnnxType type = OnnxType::none;
  Shape shape;
  std::span<const std::byte> bytes;  ///< of a file or a Tensor, which must live as long, or of `owned`
  std::shared_ptr<const std::string> owned;
  std::string elsewhere;  ///< why the values are not in this file; empty: they are

  friend bool operator==(const OnnxTensor& a, const OnnxTensor& b);
};

/// AttributeProto.AttributeType
enum class OnnxAttributeType : std::int64_t {
  none = 0,
  real = 1,
  integer = 2,
  text = 3,
  tensor = 4,
  reals = 6,
  integers = 7
};

struct OnnxAttribute {
  std::string name;
  OnnxAttributeType type = OnnxAttributeType::none;
  float real = 0;
  std::int64_t integer = 0;
  std::string text = {};
  std::vector<float> reals = {};
  std::vector<std::int64_t> integers = {};
  std::vector<OnnxTensor> tensor = {};  ///< one where the type says so

  friend bool operator==(const OnnxAttribute&, const OnnxAttribute&) = default;
};
using OnnxAttributes = std::vector<OnnxAttribute>;
OnnxAttribute onnx_attribute(const char* name, float value);
OnnxAttribute onnx_attribute(const char* name, Index value);
OnnxAttribute onnx_attribute(const char* name, const char* value);
OnnxAttribute onnx_attribute(const char* name, std::initializer_list<Index> values);

struct OnnxNode {
  std::string name;
  std::string op;
  std::string domain;               ///< empty: ONNX's own
  std::vector<std::string> inputs;  ///< an empty one is left out
  std::vector<std::string> outputs;
  OnnxAttributes attributes;

  friend bool operator==(const OnnxNode&, const OnnxNode&) = default;
};

/// What goes into a graph or comes out.
struct OnnxValue {
  struct Extent {
    Index value = -1;       ///< negative: free
    std::string name = {};  ///< of a free one; may be empty

    friend bool operator==(const Extent&, const Extent&) = default;
  };
  std::string name;
  OnnxType type = OnnxType::none;
  std::vector<Extent> extents;
  std::string about;  ///< for people; may be empty

  friend bool operator==(const OnnxValue&, const OnnxValue&) = default;
};

/// GraphProto. The functions add to a graph under construction; they return a value's name, for nodes to read
/// it by.
struct OnnxGraph {
  std::vector<OnnxNode> nodes = {};
  std::vector<OnnxTensor> tensors = {};
  std::vector<OnnxValue> inputs = {}, outputs = {};

  /// A node of one output, `result`, which is also its name. An empty input is one that is left out.
  std::string node(const char* op, const std::string& result, const std::vector<std::string>& inputs,
                   const OnnxAttributes& attributes = {});

  /// A constant; its values are not copied and must live as long as the graph.
  std::string tensor(const std::string& name, const Shape& shape, const Tensor& tensor);
  /// A constant of one value, of any rank when combined with others.
  std::string scalar(const std::string& name, float value);
  /// Constants of one axis.
  std::string reals(const std::string& name, const std::vector<float>& values);
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values);

  /// What goes in or comes out: float, [batch] and then `sample`. `about` is for people; may be empty.
  void input(const char* name, const Shape& sample, std::string_view about);
  void output(const char* name, const Shape& sample, std::string_view about);
};

/// The message. It refers to the values of constants that own none, and to nothing else of the graph.
ProtoMessage to_proto(const OnnxGraph& graph, const std::string& name);

}  // namespace mien::model
