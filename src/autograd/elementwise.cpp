#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/autograd/share.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

Variable relu(const Variable& x) {
  Tensor y = Tensor::uninitialized(x.shape());
  ops::relu_forward(y.mutable_data(), x.value().data(), y.size());
  auto backward = [y](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(y.shape());
    ops::relu_backward(dx.mutable_data(), dy.data(), y.data(), y.size());
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable dropout(const Variable& x, float rate, std::uint64_t key) {
  if (!(rate >= 0.0f && rate < 1.0f)) fail("dropout", "rate must be in [0, 1), got " + std::to_string(rate));
  if (rate == 0.0f) return x;
  Tensor y = Tensor::uninitialized(x.shape());
  const BatchShare* share = x.tape().share();
  const Index first = share != nullptr ? share->first() * (x.value().size() / share->count()) : 0;
  ops::dropout(y.mutable_data(), x.value().data(), y.size(), rate, key, first);
  // The mask is computed again from the key instead of being kept.
  auto backward = [rate, key, first](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(dy.shape());
    ops::dropout(dx.mutable_data(), dy.data(), dy.size(), rate, key, first);
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable scale(const Variable& x, float factor) {
  Tensor y = x.value().clone();
  ops::scale(y.mutable_data(), factor, y.size());
  auto backward = [factor](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = dy.clone();
    ops::scale(dx.mutable_data(), factor, dx.size());
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable gather_rows(const Variable& x) {
  const BatchShare* share = x.tape().share();
  if (share == nullptr || share->ranks().size() == 1) return x;
  auto backward = [share](const Tensor& dy, InputGradients& gradients) {
    gradients.add(0, Gradient::dense(share->own_rows(dy)));
  };
  return x.tape().record(share->gather_rows(x.value()), {x}, std::move(backward));
}

Variable sum(const Variable& x) {
  double total = 0;
  for (float value : x.value().values()) total += double{value};
  auto backward = [shape = x.shape()](const Tensor& dy, InputGradients& gradients) {
    gradients.add(0, Gradient::dense(Tensor::full(shape, dy.data()[0])));
  };
  return x.tape().record(Tensor::full({}, static_cast<float>(total)), {x}, std::move(backward));
}

}  // namespace mien::autograd
