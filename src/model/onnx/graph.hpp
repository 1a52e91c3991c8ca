// The graph of an ONNX file under construction.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/core/tensor.hpp"
#include "model/onnx/proto_writer.hpp"

namespace mien::model {

/// AttributeProto, of which a node has any number.
using OnnxAttributes = std::vector<ProtoMessage>;
ProtoMessage onnx_attribute(const char* name, float value);
ProtoMessage onnx_attribute(const char* name, Index value);
ProtoMessage onnx_attribute(const char* name, const char* value);
ProtoMessage onnx_attribute(const char* name, std::initializer_list<Index> values);

/// GraphProto. What adds a value returns the value's name, for nodes to read it by.
class OnnxGraph {
 public:
  /// A node of one output, `result`, which is also its name. An empty input is one that is left out.
  std::string node(const char* op, const std::string& result, const std::vector<std::string>& inputs,
                   const OnnxAttributes& attributes = {});

  /// A constant; its values are not copied and must live until the file is written.
  std::string tensor(const std::string& name, const Shape& shape, const Tensor& tensor);
  /// A constant of one value, of any rank when combined with others.
  std::string scalar(const std::string& name, float value);
  /// Constants of one axis.
  std::string reals(const std::string& name, std::initializer_list<float> values);
  std::string integers(const std::string& name, std::initializer_list<std::int64_t> values);

  /// What goes in or comes out: float, [batch] and then `sample`. `about` is for people; may be empty.
  void input(const char* name, const Shape& sample, std::string_view about);
  void output(const char* name, const Shape& sample, std::string_view about);

  /// The whole message, after which this graph is empty.
  ProtoMessage finish(const std::string& name);

 private:
  ProtoMessage message_;
};

}  // namespace mien::model
