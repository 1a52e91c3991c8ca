#include <algorithm>

#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/autograd/share.hpp"
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

namespace {

// The gradient of a share's rows of x, from that of all rows of y. How a row is computed depends on whether a
// whole vector of rows has it, and so on its place in the batch: some of its neighbors are computed along with
// it.
Tensor shared_input_gradient(const Tensor& dy, const Tensor& w, Precision precision, const BatchShare& share) {
  constexpr Index kRows = 16;  // of the longest vectors
  const Index in = w.dim(0), out = w.dim(1);
  const Index begin = share.first() / kRows * kRows;
  const Index end = std::min(share.images(), (share.first() + share.count() + kRows - 1) / kRows * kRows);
  Tensor dx = Tensor::uninitialized({end - begin, in});
  ops::dense_backward_input(dx.mutable_data(), dy.data() + begin * out, w.data(), end - begin, in, out,
                            precision);
  Tensor mine = Tensor::uninitialized({share.count(), in});
  std::copy_n(dx.data() + (share.first() - begin) * in, mine.size(), mine.mutable_data());
  return mine;
}

}  // namespace

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

  auto backward = [x_value = x.value(), w_value = w.value(), n, in, out, precision, share = x.tape().share()](
                      const Tensor& dy_here, InputGradients& gradients) {
    const Tensor dy = share != nullptr ? share->gather_rows(dy_here) : dy_here;
    if (gradients.needed(0)) {
      Tensor dx;
      if (share != nullptr) {
        dx = shared_input_gradient(dy, w_value, precision, *share);
      } else {
        dx = Tensor::uninitialized({n, in});
        ops::dense_backward_input(dx.mutable_data(), dy.data(), w_value.data(), n, in, out, precision);
      }
      gradients.add(0, Gradient::dense(dx));
    }
    gradients.add(1,
                  Gradient::product(share != nullptr ? share->gather_rows(x_value) : x_value, dy, precision));
    if (gradients.needed(2)) {
      Tensor db = Tensor::uninitialized({out});
      ops::sum_rows(db.mutable_data(), dy.data(), dy.dim(0), out);
      gradients.add(2, Gradient::dense(db));
    }
  };
  return x.tape().record(y, {x, w, b != nullptr ? *b : x.tape().constant({})}, std::move(backward));
}

}  // namespace mien::autograd
