#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "model/onnx/import.hpp"

namespace mien::model {

ImportNode::ImportNode(const OnnxNode& node, std::string_view source) : node_(node), source_(source) {
  // A node's name is for people, and may be missing; its outputs' are not.
  const std::string& name = node.name.empty() && !node.outputs.empty() ? node.outputs.front() : node.name;
  title_ = "node " + quote(name) + " (" + printable(node.op) + ")";
  where_ = std::string(source) + ": " + title_ + ": ";
}

void ImportNode::fail(const std::string& what) const {
  throw DataError(where_ + what);
}

const std::string& ImportNode::input(std::size_t index) const {
  static const std::string left_out;
  return index < node_.inputs.size() ? node_.inputs[index] : left_out;
}

const OnnxAttribute* ImportNode::find(const char* name) const {
  known_.insert(name);
  const OnnxAttribute* found = nullptr;
  for (const OnnxAttribute& attribute : node_.attributes) {
    if (attribute.name != name) continue;
    if (found != nullptr) fail("the attribute " + quote(name) + " is given twice");
    found = &attribute;
  }
  return found;
}

const OnnxAttribute* ImportNode::of_type(const char* name, OnnxAttributeType type) const {
  const OnnxAttribute* attribute = find(name);
  if (attribute == nullptr || attribute->type == type) return attribute;
  fail("the attribute " + quote(name) + " is not of the type it should be");
}

std::int64_t ImportNode::integer(const char* name, std::int64_t otherwise) const {
  const OnnxAttribute* attribute = of_type(name, OnnxAttributeType::integer);
  return attribute == nullptr ? otherwise : attribute->integer;
}

float ImportNode::real(const char* name, float otherwise) const {
  const OnnxAttribute* attribute = of_type(name, OnnxAttributeType::real);
  return attribute == nullptr ? otherwise : attribute->real;
}

std::string ImportNode::text(const char* name, const char* otherwise) const {
  const OnnxAttribute* attribute = of_type(name, OnnxAttributeType::text);
  return attribute == nullptr ? otherwise : attribute->text;
}

std::optional<std::vector<Index>> ImportNode::integers(const char* name) const {
  const OnnxAttribute* attribute = of_type(name, OnnxAttributeType::integers);
  if (attribute == nullptr) return std::nullopt;
  return std::vector<Index>(attribute->integers.begin(), attribute->integers.end());
}

void ImportNode::require_all_known() const {
  for (const OnnxAttribute& attribute : node_.attributes) {
    if (known_.count(attribute.name) == 0) {
      fail("the attribute " + quote(attribute.name) + " is not supported");
    }
  }
}

}  // namespace mien::model
