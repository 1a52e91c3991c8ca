// The tape operations of each kind of layer.
#pragma once

#include <span>

#include "mien/nn/network.hpp"

namespace mien::nn {

/// One node of a network and what it works on.
struct LayerCall {
  autograd::Tape& tape;
  const model::Node& node;
  std::span<autograd::Parameter> parameters;
  std::span<const autograd::Variable> inputs;
  const Mode& mode;

  const autograd::Variable& x() const { return inputs[0]; }
  autograd::Variable parameter(std::size_t i) const { return tape.parameter(parameters[i]); }
};

/// The node's value, its epilogue included.
autograd::Variable compute(const LayerCall& call);

}  // namespace mien::nn
