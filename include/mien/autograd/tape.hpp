// Reverse-mode differentiation: operations write themselves on a tape, the tape is read backwards.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mien/autograd/gradient.hpp"
#include "mien/core/tensor.hpp"

namespace mien::autograd {

class BatchShare;
class Tape;

/// A named tensor of a network. `gradient` is where Tape::backward adds and what an optimizer consumes.
struct Parameter {
  std::string name;
  Tensor value;
  bool trainable = true;  ///< false: a running statistic, saved with the network but not optimized
  Gradient gradient;
  /// Not null: a matrix whose rows ranks share out as they do a batch's images. Each learns its own, of which
  /// the gradient is; the others' are not up to date.
  const BatchShare* rows = nullptr;
};

/// A value computed on a tape. Copies are cheap and mean the same value.
class Variable {
 public:
  const Tensor& value() const { return value_; }
  const Shape& shape() const { return value_.shape(); }
  Tape& tape() const { return *tape_; }
  /// Whether a gradient flows to this value.
  bool needs_gradient() const { return node_ >= 0; }

 private:
  friend class Tape;
  Variable(Tape* tape, int node, Tensor value);
  Tape* tape_;
  int node_;  // -1 for a constant
  Tensor value_;
};

/// What a backward function writes to: the gradients of its operation's inputs.
class InputGradients {
 public:
  /// False for a constant input: its gradient need not be computed.
  bool needed(std::size_t input) const;
  /// Adds to the gradient of input number `input`, counted from 0.
  void add(std::size_t input, const Gradient& gradient);

 private:
  friend class Tape;
  InputGradients(Tape& tape, std::span<const int> nodes) : tape_(tape), nodes_(nodes) {}
  Tape& tape_;
  std::span<const int> nodes_;
};

/// Nodes in the order in which they were computed, so walking back visits every node after all that use
/// it. A node holds the ids of its inputs and a function that captured the tensors it needs; both are
/// freed as soon as they have been used.
///
///   Tape tape;
///   Variable loss = softmax_cross_entropy(net.forward(tape, tape.constant(images), mode), labels);
///   tape.backward(loss);   // parameters now hold their gradients
class Tape {
 public:
  /// Receives the gradient of the operation's result. Captures tensors, never Variables.
  using Backward = std::function<void(const Tensor& dy, InputGradients& gradients)>;

  /// Whether backward() is to follow.
  enum class Recording { on, off };
  /// With recording off every value is a constant and nothing is kept: for predicting.
  explicit Tape(Recording recording = Recording::on) : recording_(recording == Recording::on) {}
  /// For a batch of which this process computes a part, or which it computes in parts. Operations take the
  /// images they are given for those of `share`, which must outlive the tape's use, and give gradients of the
  /// whole batch.
  explicit Tape(const BatchShare& share, Recording recording = Recording::on);
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// A value without a gradient, such as a batch of images.
  Variable constant(Tensor value);
  /// A value whose gradient can be read with gradient() after backward().
  Variable input(Tensor value);
  /// The parameter's gradient is added to parameter.gradient, which must outlive the tape's use.
  Variable parameter(Parameter& parameter);
  /// For operations: the result of one. `backward` is dropped when no input needs a gradient.
  Variable record(Tensor value, std::span<const Variable> inputs, Backward backward);
  /// The same of inputs in braces: record(y, {a, b}, ...).
  Variable record(Tensor value, std::initializer_list<Variable> inputs, Backward backward) {
    return record(std::move(value), std::span(inputs.begin(), inputs.size()), std::move(backward));
  }

  /// Computes d loss / d everything, once: of several losses on one tape, add them up first. The tape is empty
  /// afterwards but for gradients of input()s. Throws ArgumentError when loss is not a single value or not of
  /// this tape, and when called again.
  void backward(const Variable& loss);
  /// Of a variable made by input(); empty when nothing flowed there.
  const Gradient& gradient(const Variable& input) const;

  /// Null where the batch is computed as a whole, here.
  const BatchShare* share() const { return share_; }

 private:
  friend class InputGradients;
  struct Node {
    std::vector<int> inputs;
    Backward backward;
    Parameter* parameter = nullptr;
    Gradient gradient;
  };
  int add_node(Node node);
  void check_mine(const Variable& variable) const;

  bool recording_;
  const BatchShare* share_ = nullptr;
  bool walked_ = false;
  std::vector<Node> nodes_;
};

}  // namespace mien::autograd
