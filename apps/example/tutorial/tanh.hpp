// An operation that the library does not have: what step 2 is about.
#pragma once

#include <cmath>
#include <mien/autograd/tape.hpp>

namespace tutorial {

using mien::Index;
using mien::Tensor;
using mien::autograd::Gradient;
using mien::autograd::InputGradients;
using mien::autograd::Variable;

/// The hyperbolic tangent of each element.
inline Variable tanh(const Variable& x) {
  Tensor y(x.shape());
  for (Index i = 0; i < y.size(); ++i) y.mutable_data()[i] = std::tanh(x.value().data()[i]);

  return x.tape().record(y, {x}, [y](const Tensor& dy, InputGradients& gradients) {
    Tensor dx(y.shape());
    for (Index i = 0; i < dx.size(); ++i) {
      const float value = y.data()[i];
      dx.mutable_data()[i] = dy.data()[i] * (1 - value * value);
    }
    gradients.add(0, Gradient::dense(dx));
  });
}

}  // namespace tutorial
