#include "autograd/activation.hpp"

#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/autograd/share.hpp"

namespace mien::autograd {

Variable activation(const Variable& x, ops::Activation kind, float slope) {
  Tensor y = Tensor::uninitialized(x.shape());
  ops::activation_forward(kind, slope, y.mutable_data(), x.value().data(), y.size());
  auto backward = [at = ops::reads_output(kind) ? y : x.value(), kind, slope](const Tensor& dy,
                                                                              InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(at.shape());
    ops::activation_backward(kind, slope, dx.mutable_data(), dy.data(), at.data(), at.size());
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable sigmoid(const Variable& x) {
  return activation(x, ops::Activation::sigmoid);
}
Variable hswish(const Variable& x) {
  return activation(x, ops::Activation::hswish);
}
Variable silu(const Variable& x) {
  return activation(x, ops::Activation::silu);
}
Variable leaky_relu(const Variable& x, float slope) {
  return activation(x, ops::Activation::leaky_relu, slope);
}

Variable prelu(const Variable& x, const Variable& slopes) {
  const ops::ChannelExtents s = require_channels("prelu", x.shape());
  require_vector("prelu", "slopes", slopes.shape(), s.channels);
  Tensor y = Tensor::uninitialized(x.shape());
  ops::prelu_forward(y.mutable_data(), x.value().data(), slopes.value().data(), s.n, s.channels, s.pixels);
  auto backward = [x_value = x.value(), slopes_value = slopes.value(), s, share = x.tape().share()](
                      const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(x_value.shape());
    Tensor dslopes = Tensor::uninitialized({share != nullptr ? share->parts_here() : 1, s.channels});
    const auto compute = [&](Index part, Index first, Index images) {
      const Index at = first * s.channels * s.pixels;
      ops::prelu_backward(dx.mutable_data() + at, dslopes.mutable_data() + part * s.channels, dy.data() + at,
                          x_value.data() + at, slopes_value.data(), images, s.channels, s.pixels);
    };
    if (share != nullptr) {
      share->for_each_part(compute);
      dslopes = share->sum_parts(dslopes);
    } else {
      compute(0, 0, s.n);
      dslopes = dslopes.reshape({s.channels});
    }
    gradients.add(0, Gradient::dense(dx));
    gradients.add(1, Gradient::dense(dslopes));
  };
  return x.tape().record(y, {x, slopes}, std::move(backward));
}

}  // namespace mien::autograd
