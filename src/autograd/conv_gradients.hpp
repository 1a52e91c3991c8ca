// The gradients of a convolution's three inputs.
#pragma once

#include "mien/autograd/tape.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

// Makes the tensors that `compute` writes, and hands them on.
template <typename Compute>
void add_conv_gradients(InputGradients& gradients, const Tensor& x, const Tensor& w, Compute compute) {
  Tensor dx = gradients.needed(0) ? Tensor::uninitialized(x.shape()) : Tensor();
  Tensor dw = Tensor::uninitialized(w.shape());
  Tensor db = Tensor::uninitialized({w.dim(0)});
  compute(
      ops::Conv2dGradients{dx.defined() ? dx.mutable_data() : nullptr, dw.mutable_data(), db.mutable_data()});
  if (dx.defined()) gradients.add(0, Gradient::dense(dx));
  gradients.add(1, Gradient::dense(dw));
  gradients.add(2, Gradient::dense(db));
}

}  // namespace mien::autograd
