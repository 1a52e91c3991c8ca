#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

Variable flatten(const Variable& x) {
  if (x.shape().rank() < 1) fail("flatten", "expects N x ..., input is a scalar");
  if (x.shape().rank() == 2) return x;
  const Index n = x.shape()[0];
  const Shape before = x.shape();
  const Index features = Shape(before.extents().subspan(1)).size();  // also those of no images
  auto backward = [before](const Tensor& dy, InputGradients& gradients) {
    gradients.add(0, Gradient::dense(dy.reshape(before)));
  };
  return x.tape().record(x.value().reshape({n, features}), {x}, std::move(backward));
}

Variable dense(const Variable& input, const Variable& w, const Variable* b, Precision precision) {
  const Variable x = flatten(input);
  if (w.shape().rank() != 2) fail("dense", "weight expects 2 axes, got " + w.shape().to_string());
  const Index n = x.shape()[0];
  const Index in = w.shape()[0];
  const Index out = w.shape()[1];
  if (x.shape()[1] != in) {
    fail("dense",
         "weight expects " + std::to_string(in) + " inputs, input has " + std::to_string(x.shape()[1]));
  }
  if (b != nullptr) require_vector("dense", "bias", b->shape(), out);
  Tensor y = Tensor::uninitialized({n, out});
  ops::dense_forward(y.mutable_data(), x.value().data(), w.value().data(),
                     b != nullptr ? b->value().data() : nullptr, n, in, out, precision);

  auto backward = [x_value = x.value(), w_value = w.value(), n, in, out, precision](const Tensor& dy,
                                                                                    InputGradients& gradients) {
    if (gradients.needed(0)) {
      Tensor dx = Tensor::uninitialized({n, in});
      ops::dense_backward_input(dx.mutable_data(), dy.data(), w_value.data(), n, in, out, precision);
      gradients.add(0, Gradient::dense(dx));
    }
    gradients.add(1, Gradient::product(x_value, dy, precision));
    if (gradients.needed(2)) {
      Tensor db = Tensor::uninitialized({out});
      ops::sum_rows(db.mutable_data(), dy.data(), n, out);
      gradients.add(2, Gradient::dense(db));
    }
  };
  return x.tape().record(y, {x, w, b != nullptr ? *b : x.tape().constant({})}, std::move(backward));
}

}  // namespace mien::autograd
