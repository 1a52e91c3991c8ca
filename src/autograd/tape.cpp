#include "mien/autograd/tape.hpp"

#include <utility>

#include "mien/autograd/share.hpp"
#include "mien/core/error.hpp"

namespace mien::autograd {

Variable::Variable(Tape* tape, int node, Tensor value) : tape_(tape), node_(node), value_(std::move(value)) {}

bool InputGradients::needed(std::size_t input) const {
  return nodes_[input] >= 0;
}

void InputGradients::add(std::size_t input, const Gradient& gradient) {
  if (needed(input)) tape_.nodes_[static_cast<std::size_t>(nodes_[input])].gradient.add(gradient);
}

Tape::Tape(const BatchShare& share, Recording recording)
    : recording_(recording == Recording::on), share_(share.is_whole() ? nullptr : &share) {}

int Tape::add_node(Node node) {
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

void Tape::check_mine(const Variable& variable) const {
  if (variable.tape_ != this) throw ArgumentError("[tape] a variable of another tape");
}

Variable Tape::constant(Tensor value) {
  return {this, -1, std::move(value)};
}

Variable Tape::input(Tensor value) {
  const int node = recording_ ? add_node({}) : -1;
  return {this, node, std::move(value)};
}

Variable Tape::parameter(Parameter& parameter) {
  if (!recording_ || !parameter.trainable) return constant(parameter.value);
  Node node;
  node.parameter = &parameter;
  return {this, add_node(std::move(node)), parameter.value};
}

Variable Tape::record(Tensor value, std::span<const Variable> inputs, Backward backward) {
  bool needed = false;
  for (const Variable& input : inputs) {
    check_mine(input);
    needed = needed || input.needs_gradient();
  }
  if (!recording_ || !needed) return constant(std::move(value));
  Node node;
  node.inputs.reserve(inputs.size());
  for (const Variable& input : inputs) node.inputs.push_back(input.node_);
  node.backward = std::move(backward);
  return {this, add_node(std::move(node)), std::move(value)};
}

void Tape::backward(const Variable& loss) {
  check_mine(loss);
  if (loss.value().size() != 1) {
    throw ArgumentError("[backward] a loss is one value, this is " + loss.shape().to_string());
  }
  if (!loss.needs_gradient()) throw ArgumentError("[backward] the loss does not depend on any parameter");
  // What was recorded is used up: gradients would stop where the first walk has been.
  if (walked_) throw ArgumentError("[backward] this tape has been walked; record on a new one");
  walked_ = true;
  nodes_[static_cast<std::size_t>(loss.node_)].gradient = Gradient::dense(Tensor::full(loss.shape(), 1.0f));
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    Node& node = nodes_[i];
    if (node.gradient.empty()) {
      node.backward = nullptr;
      continue;
    }
    if (node.parameter != nullptr) {
      node.parameter->gradient.add(std::exchange(node.gradient, {}));
    } else if (node.backward) {
      const Tensor dy = std::exchange(node.gradient, {}).materialize();
      InputGradients gradients(*this, node.inputs);
      // Moved out first: what the function captured is freed when it returns.
      const Backward backward = std::exchange(node.backward, nullptr);
      backward(dy, gradients);
    }
  }
}

const Gradient& Tape::gradient(const Variable& input) const {
  check_mine(input);
  if (!input.needs_gradient()) throw ArgumentError("[tape] a constant has no gradient");
  return nodes_[static_cast<std::size_t>(input.node_)].gradient;
}

}  // namespace mien::autograd
