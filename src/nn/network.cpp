#include "mien/nn/network.hpp"

#include <optional>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/model/fuse.hpp"
#include "nn/layers.hpp"

namespace mien::nn {
namespace {

using autograd::Parameter;
using autograd::Tape;
using autograd::Variable;

std::vector<Parameter> make_parameters(const model::Node& node) {
  std::vector<Parameter> parameters;
  for (const model::ParameterSpec& p : node.parameters) {
    Tensor value(p.shape);
    if (p.start != 0) value.fill(p.start);
    parameters.push_back({.name = p.name, .value = value, .trainable = p.trainable, .gradient = {}});
  }
  return parameters;
}

// Messages of operations do not know for which layer they work.
Variable compute_named(const LayerCall& call) {
  try {
    return compute(call);
  } catch (const ArgumentError& error) {
    throw ArgumentError(call.node.name + ": " + error.what());
  }
}

// The values of a pass, each as long as somebody is going to read it.
class Values {
 public:
  Values(const Variable& x, std::size_t nodes) : values_(nodes + 1) { at(model::Node::kNetworkInput) = x; }

  std::optional<Variable>& at(int node) { return values_[model::entry_of(node, values_.size() - 1)]; }
  std::vector<Variable> of(const std::vector<int>& nodes) {
    std::vector<Variable> all;
    for (const int node : nodes) all.push_back(*at(node));
    return all;
  }

 private:
  std::vector<std::optional<Variable>> values_;
};

}  // namespace

Network::Network(const model::ModelSpec& spec)
    : graph_(model::fuse(model::plan(spec), model::Use::learn)), last_readers_(model::last_readers(graph_)) {
  for (const model::Node& node : graph_.nodes) parameters_.push_back(make_parameters(node));
}

std::vector<Variable> Network::outputs(Tape& tape, const Variable& x, const Mode& mode,
                                       const Observer& observe) {
  Values values(x, graph_.nodes.size());
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const model::Node& node = graph_.nodes[i];
    const int index = static_cast<int>(i);
    {
      const std::vector<Variable> inputs = values.of(node.inputs);
      for (const int input : node.inputs) {
        if (last_readers_[model::entry_of(input, graph_.nodes.size())] == index) values.at(input).reset();
      }
      values.at(index) = compute_named({tape, node, parameters_[i], inputs, mode});
    }
    if (observe && !observe(node.name, values.at(index)->value())) return {};
    if (last_readers_[i] == index) values.at(index).reset();
  }
  return values.of(graph_.outputs);
}

Variable Network::forward(Tape& tape, const Variable& x, const Mode& mode) {
  (void)graph_.single_output();
  return outputs(tape, x, mode)[0];
}

std::vector<Parameter*> Network::parameters() {
  std::vector<Parameter*> all;
  for (std::vector<Parameter>& node : parameters_) {
    for (Parameter& parameter : node) all.push_back(&parameter);
  }
  return all;
}

Network build(const model::ModelSpec& spec) {
  return Network(spec);
}

}  // namespace mien::nn
