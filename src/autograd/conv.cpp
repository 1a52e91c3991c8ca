#include <string>

#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/geometry.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

ops::Conv2dGeometry geometry(const Shape& x, const Shape& w, Index stride, Padding padding) {
  require_image("conv2d", x);
  if (w.rank() != 4) fail("conv2d", "weight expects 4 axes, got " + w.to_string());
  if (w[1] != x[1]) {
    fail("conv2d", "weight expects " + std::to_string(w[1]) + " channels, input has " + std::to_string(x[1]));
  }
  return ops::conv2d_geometry({x[1], x[2], x[3]}, w[0], w[2], w[3], stride, padding, "conv2d");
}

}  // namespace

Variable conv2d(const Variable& x, const Variable& w, const Variable* b, const Conv2dOptions& options) {
  const ops::Conv2dGeometry g = geometry(x.shape(), w.shape(), options.stride, options.padding);
  if (b != nullptr) require_vector("conv2d", "bias", b->shape(), g.out_channels);
  const Index n = x.shape()[0];
  Tensor y = Tensor::uninitialized({n, g.out_channels, g.out_height, g.out_width});
  ops::conv2d_forward(y.mutable_data(), x.value().data(), w.value().data(),
                      b != nullptr ? b->value().data() : nullptr, n, g, options.relu);

  auto backward = [x_value = x.value(), w_value = w.value(), relu_output = options.relu ? y : Tensor(), n, g](
                      const Tensor& dy, InputGradients& gradients) {
    Tensor dx = gradients.needed(0) ? Tensor::uninitialized(x_value.shape()) : Tensor();
    Tensor dw = Tensor::uninitialized(w_value.shape());
    Tensor db = Tensor::uninitialized({g.out_channels});
    ops::conv2d_backward({dx.defined() ? dx.mutable_data() : nullptr, dw.mutable_data(), db.mutable_data()},
                         dy.data(), relu_output.defined() ? relu_output.data() : nullptr, x_value.data(),
                         w_value.data(), n, g);
    if (dx.defined()) gradients.add(0, Gradient::dense(dx));
    gradients.add(1, Gradient::dense(dw));
    gradients.add(2, Gradient::dense(db));
  };
  return x.tape().record(y, {x, w, b != nullptr ? *b : x.tape().constant({})}, std::move(backward));
}

}  // namespace mien::autograd
