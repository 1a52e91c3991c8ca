// A layer: parameters, and how values pass through it. What step 3 is about.
#pragma once

#include <cmath>
#include <mien/autograd/ops.hpp>
#include <mien/nn/initialize.hpp>
#include <string>
#include <vector>

namespace tutorial {

using mien::Index;
using mien::Tensor;
using mien::autograd::Parameter;
using mien::autograd::Variable;

/// y = x w + b, for x [N][inputs] and y [N][outputs].
class Linear {
 public:
  /// Weights are uniform within sqrt(6 / (inputs + outputs)) of zero (Glorot & Bengio 2010), the bias is zero.
  /// Layers of one network need different names and different seeds.
  Linear(const std::string& name, Index inputs, Index outputs, std::uint64_t seed) {
    weight_.name = name + ".weight";
    weight_.value = Tensor({inputs, outputs});
    bias_.name = name + ".bias";
    bias_.value = Tensor({outputs});
    const float limit = std::sqrt(6.0f / static_cast<float>(inputs + outputs));
    mien::nn::fill_uniform(weight_.value, -limit, limit, seed, 0);
  }
  // An optimizer holds pointers to the parameters, so they must stay where they are.
  Linear(const Linear&) = delete;
  Linear& operator=(const Linear&) = delete;

  Variable forward(const Variable& x) {
    const Variable weight = x.tape().parameter(weight_);
    const Variable bias = x.tape().parameter(bias_);
    return mien::autograd::dense(x, weight, &bias);
  }

  std::vector<Parameter*> parameters() { return {&weight_, &bias_}; }

 private:
  Parameter weight_, bias_;
};

}  // namespace tutorial
