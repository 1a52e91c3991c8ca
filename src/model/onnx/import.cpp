#include "model/onnx/import.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "model/onnx/tensor_parser.hpp"
#include "model/onnx/values.hpp"

namespace mien::model {
namespace {

// Below 7 operands of Add and Mul are matched by rules of their own; what comes after 24 nobody here has seen.
constexpr Limits<Index> kOpsets{7, 24};

constexpr std::size_t kMadeBytes = std::size_t{1} << 20;
constexpr std::size_t kMadeTimes = 8;

struct Operator {
  std::string_view name;
  ImportFunction function;
};
constexpr std::array kOperators = {
    Operator{"Add", import_add},
    Operator{"AveragePool", import_average_pool},
    Operator{"BatchNormalization", import_batch_normalization},
    Operator{"Cast", import_cast},
    Operator{"Clip", import_clip},
    Operator{"Concat", import_concat},
    Operator{"Constant", import_constant},
    Operator{"Conv", import_conv},
    Operator{"Div", import_div},
    Operator{"Dropout", import_dropout},
    Operator{"Flatten", import_flatten},
    Operator{"Gather", import_gather},
    Operator{"Gemm", import_gemm},
    Operator{"GlobalAveragePool", import_global_average_pool},
    Operator{"HardSigmoid", import_hard_sigmoid},
    Operator{"HardSwish", import_hard_swish},
    Operator{"Identity", import_identity},
    Operator{"LRN", import_lrn},
    Operator{"LeakyRelu", import_leaky_relu},
    Operator{"MatMul", import_matmul},
    Operator{"MaxPool", import_max_pool},
    Operator{"Mul", import_mul},
    Operator{"PRelu", import_prelu},
    Operator{"Pad", import_pad},
    Operator{"ReduceMean", import_reduce_mean},
    Operator{"Relu", import_relu},
    Operator{"Reshape", import_reshape},
    Operator{"Resize", import_resize},
    Operator{"Shape", import_shape},
    Operator{"Sigmoid", import_sigmoid},
    Operator{"Slice", import_slice},
    Operator{"Softmax", import_softmax},
    Operator{"Squeeze", import_squeeze},
    Operator{"Sub", import_sub},
    Operator{"Unsqueeze", import_unsqueeze},
    Operator{"Upsample", import_upsample},
};

}  // namespace

ImportFunction import_function(std::string_view op) {
  for (const Operator& one : kOperators) {
    if (one.name == op) return one.function;
  }
  return nullptr;
}

std::string importable_operators() {
  std::string names;
  for (const Operator& one : kOperators) (names += names.empty() ? "" : ", ") += one.name;
  return names;
}

Importer::Importer(const OnnxFile& file, std::shared_ptr<const MappedFile> bytes, std::string source)
    : file_(file), bytes_(std::move(bytes)), source_(std::move(source)) {}

void Importer::run(ModelFile& model) {
  if (file_.opset < kOpsets.low || file_.opset > kOpsets.high) {
    throw DataError(where() + "opset " + std::to_string(file_.opset) + ", this program reads " +
                    std::to_string(kOpsets.low) + " to " + std::to_string(kOpsets.high));
  }
  for (const OnnxTensor& tensor : file_.graph.tensors) {
    if (!constants_.emplace(tensor.name, tensor).second) {
      throw DataError(where() + "a second initializer " + quote(tensor.name));
    }
  }
  read_inputs();
  find_readers();
  for (const OnnxNode& node : file_.graph.nodes) {
    if (needed_.count(&node) > 0 && skipped_.count(&node) == 0) add_node(node);
  }
  std::vector<NetworkText::Output> outputs;
  for (const OnnxValue& output : file_.graph.outputs) {
    const auto found = values_.find(output.name);
    if (found == values_.end()) {
      throw DataError(where() + "the output " + quote(output.name) + " does not depend on the image");
    }
    ImportValue& value = found->second;
    if (value.flat) {
      value = {.layer = network_.add("flatten", value.layer, {}, {}, "the output " + quote(output.name)),
               .shape = {value.shape.size()}};
    }
    outputs.push_back({value.layer, output.name});
  }
  network_.finish(input_, outputs, where(), model);
  model.normalization = normalization_;
  model.temperature = temperature_;
}

// Initializers may be among the inputs: their values could be replaced, which nobody does here.
void Importer::read_inputs() {
  const OnnxValue* image = nullptr;
  for (const OnnxValue& input : file_.graph.inputs) {
    if (constants_.count(input.name) > 0) continue;
    if (image != nullptr) {
      throw DataError(where() + "inputs " + quote(image->name) + " and " + quote(input.name) +
                      ": networks have one");
    }
    image = &input;
  }
  if (image == nullptr) throw DataError(where() + "the graph has no input");
  const std::string input = where() + "input " + quote(image->name) + ": ";
  if (image->type != OnnxType::f32 || image->extents.size() != 4) {
    throw DataError(input + "expected floats [batch, channels, height, width]");
  }
  for (std::size_t i = 1; i < 4; ++i) {
    const OnnxValue::Extent& extent = image->extents[i];
    const Index most = i == 1 ? ModelSpec::kChannels.high : ModelSpec::kEdge.high;
    if (extent.value >= 1 && extent.value <= most) continue;
    const std::string free = extent.name.empty() ? "free" : quote(extent.name);
    const std::string is = extent.value < 0 ? free : std::to_string(extent.value);
    throw DataError(input + "extent " + std::to_string(i) + " of [batch, channels, height, width] is " + is +
                    ", expected a number 1 to " + std::to_string(most));
  }
  if (image->extents[0].value >= 0) fixed_batch_ = image->extents[0].value;
  input_ = {image->extents[1].value, image->extents[2].value, image->extents[3].value};
  values_[image->name] = {.layer = NetworkText::kInput, .shape = input_};
}

void Importer::find_readers() {
  for (const OnnxNode& node : file_.graph.nodes) {
    for (const std::string& output : node.outputs) {
      const bool taken = !output.empty() && (values_.count(output) > 0 || constants_.count(output) > 0 ||
                                             !givers_.emplace(output, &node).second);
      if (taken) throw DataError(where() + "the value " + quote(output) + " is given twice");
    }
  }
  std::vector<std::string> open;
  for (const OnnxValue& output : file_.graph.outputs) {
    outputs_.insert(output.name);
    open.push_back(output.name);
  }
  if (outputs_.empty()) throw DataError(where() + "the graph has no output");
  while (!open.empty()) {
    const OnnxNode* node = giver(open.back());
    open.pop_back();
    if (node == nullptr || !needed_.insert(node).second) continue;
    for (const std::string& input : node->inputs) {
      if (input.empty()) continue;
      readers_[input].push_back(node);
      open.push_back(input);
    }
  }
}

void Importer::add_node(const OnnxNode& node) {
  const ImportNode at(node, source_);
  if (!node.domain.empty()) at.fail("operators of " + quote(node.domain) + " are not supported");
  const ImportFunction function = import_function(node.op);
  if (function == nullptr) at.fail("this operator is not supported; those that are: " + importable_operators());
  if (node.outputs.empty() || node.outputs.front().empty()) at.fail("it has no output");
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (reader_count(node.outputs[i]) > 0) at.fail("only its first output is supported");
  }
  try {
    function(*this, at);
  } catch (const ArgumentError& error) {  // of shapes beyond what is possible
    at.fail(error.what());
  }
  at.require_all_known();
}

ImportValue Importer::value(const ImportNode& node, std::size_t index) const {
  const std::string& name = node.input(index);
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  if (name.empty()) node.fail("input " + std::to_string(index) + " is missing");
  if (find_constant(name) != nullptr || has_integers(name)) {
    node.fail("its input " + quote(name) + " does not depend on the image");
  }
  node.fail("it reads " + quote(name) + ", which nothing before it gives");
}

ImportValue Importer::settled(const ImportNode& node, std::size_t index) {
  const ImportValue from = value(node, index);
  if (!from.flat) return from;
  ImportValue result = add(node, "flatten", from, {from.shape.size()});
  result.flat = false;
  return values_[node.input(index)] = result;
}

const OnnxTensor* Importer::find_constant(const std::string& name) const {
  const auto found = constants_.find(name);
  return found == constants_.end() ? nullptr : &found->second;
}

Tensor Importer::make(const ImportNode& node, const Shape& shape) {
  made_ += static_cast<std::size_t>(shape.size()) * sizeof(float);
  if (made_ > kMadeTimes * bytes_->bytes().size() + kMadeBytes) node.fail("weights are used again too often");
  return Tensor::uninitialized(shape);
}

Tensor Importer::reals(const ImportNode& node, std::size_t index) {
  const std::string& name = node.input(index);
  const OnnxTensor* constant = find_constant(name);
  if (constant == nullptr)
    node.fail("its input " + std::to_string(index) + ", " + quote(name) + ", is no constant");
  made_ += constant->bytes.size() / bytes_of(OnnxType::bf16) * sizeof(float);  // at most
  if (made_ > kMadeTimes * bytes_->bytes().size() + kMadeBytes) node.fail("weights are used again too often");
  return real_values(*constant, bytes_, node.where());
}

Tensor Importer::transposed(const ImportNode& node, const Tensor& matrix) {
  const Index rows = matrix.dim(0), columns = matrix.dim(1);
  Tensor result = make(node, {columns, rows});
  for (Index row = 0; row < rows; ++row) {
    for (Index column = 0; column < columns; ++column) {
      result.mutable_data()[column * rows + row] = matrix.data()[row * columns + column];
    }
  }
  return result;
}

float Importer::real(const ImportNode& node, std::size_t index, float otherwise) {
  if (node.input(index).empty()) return otherwise;
  const Tensor values = reals(node, index);
  if (values.size() != 1) node.fail("its input " + std::to_string(index) + " is not one value");
  return values.data()[0];
}

std::optional<std::vector<Index>> Importer::integers(const ImportNode& node, std::size_t index) const {
  const std::string& name = node.input(index);
  if (name.empty()) return std::nullopt;
  if (const auto found = integers_.find(name); found != integers_.end()) return found->second;
  const OnnxTensor* constant = find_constant(name);
  if (constant == nullptr)
    node.fail("its input " + std::to_string(index) + ", " + quote(name) + ", is no constant");
  return integer_values(*constant, node.where());
}

void Importer::set_value(const ImportNode&, const std::string& name, const ImportValue& value) {
  values_[name] = value;
}

void Importer::set_integers(const ImportNode& node, std::vector<Index> integers) {
  integers_[node.output()] = std::move(integers);
}

void Importer::set_constant(const ImportNode& node, const OnnxTensor& tensor) {
  constants_[node.output()] = tensor;
}

ImportValue Importer::add(const ImportNode& node, const std::string& layer, const ImportValue& from,
                          const Shape& shape, std::vector<Tensor> weights, const std::vector<int>& others) {
  ImportValue result = from;
  result.shape = shape;
  result.layer = network_.add(layer, from.layer, others, std::move(weights), node.title());
  return result;
}

std::vector<const OnnxNode*> Importer::readers(const std::string& name) const {
  const auto found = readers_.find(name);
  return found == readers_.end() ? std::vector<const OnnxNode*>() : found->second;
}

std::size_t Importer::reader_count(const std::string& name) const {
  return readers(name).size() + (is_output(name) ? 1 : 0);
}

const OnnxNode* Importer::only_reader(const std::string& name) const {
  return reader_count(name) == 1 && !is_output(name) ? readers(name).front() : nullptr;
}

const OnnxNode* Importer::giver(const std::string& name) const {
  const auto found = givers_.find(name);
  return found == givers_.end() ? nullptr : found->second;
}

}  // namespace mien::model
