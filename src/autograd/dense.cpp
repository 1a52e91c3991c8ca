#include <algorithm>

#include "autograd/check.hpp"
#include "autograd/columns.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/autograd/share.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

namespace {

Variable flatten_channels_last(const Variable& x) {
  require_image("flatten", x.shape());
  const Shape before = x.shape();
  const Index n = before[0], channels = before[1], pixels = before[2] * before[3];
  Tensor y = Tensor::uninitialized({n, channels * pixels});
  ops::to_channels_first(y.mutable_data(), x.value().data(), n, channels, pixels);
  return x.tape().record(y, {x}, [before, n, channels, pixels](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(before);
    ops::to_channels_last(dx.mutable_data(), dy.data(), n, channels, pixels);
    gradients.add(0, Gradient::dense(dx));
  });
}

}  // namespace

Variable flatten(const Variable& x, Layout layout) {
  if (x.shape().rank() < 1) fail("flatten", "expects N x ..., input is a scalar");
  if (x.shape().rank() == 2) return x;
  if (layout == Layout::channels_last) return flatten_channels_last(x);
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

void check_dense(const Variable& x, const Variable& w, const Variable* b) {
  if (w.shape().rank() != 2) fail("dense", "weight expects 2 axes, got " + w.shape().to_string());
  if (x.shape()[1] != w.shape()[0]) {
    fail("dense", "weight expects " + std::to_string(w.shape()[0]) + " inputs, input has " +
                      std::to_string(x.shape()[1]));
  }
  if (b != nullptr) require_vector("dense", "bias", b->shape(), w.shape()[1]);
}

// Of weights and bias, from the rows of the whole batch.
void add_weight_gradients(InputGradients& gradients, const Tensor& x, const Tensor& dy, Precision precision) {
  gradients.add(1, Gradient::product(x, dy, precision));
  if (!gradients.needed(2)) return;
  Tensor db = Tensor::uninitialized({dy.dim(1)});
  ops::sum_rows(db.mutable_data(), dy.data(), dy.dim(0), dy.dim(1));
  gradients.add(2, Gradient::dense(db));
}

Variable bias_or_none(const Variable& x, const Variable* b) {
  return b != nullptr ? *b : x.tape().constant({});
}

}  // namespace

Variable dense(const Variable& input, const Variable& w, const Variable* b, Precision precision) {
  const Variable x = flatten(input);
  check_dense(x, w, b);
  const Index n = x.shape()[0];
  const Index in = w.shape()[0];
  const Index out = w.shape()[1];
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
    add_weight_gradients(gradients, share != nullptr ? share->gather_rows(x_value) : x_value, dy, precision);
  };
  return x.tape().record(y, {x, w, bias_or_none(x, b)}, std::move(backward));
}

Variable shared_dense(const Variable& input, const Variable& w, const Variable* b, const BatchShare& share,
                      Precision precision) {
  const Variable x = flatten(input);
  check_dense(x, w, b);
  const Index images = share.images(), in = w.shape()[0], out = w.shape()[1];
  // Rows of the weights and columns of x, part by part. Whoever computes a part, it is the same products.
  const std::vector<Range> parts = share.own_parts(in);
  const Index first = share.own(in).begin;
  const Tensor x_own = share.to_columns(x.value());
  Tensor sums = Tensor::uninitialized({share.parts_here(), images * out});
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const Tensor x_part = columns_of(x_own, {parts[k].begin - first, parts[k].end - first});
    ops::dense_forward(sums.mutable_data() + static_cast<Index>(k) * images * out, x_part.data(),
                       w.value().data() + parts[k].begin * out, nullptr, images, parts[k].size(), out,
                       precision);
  }
  Tensor y = share.sum_rows(sums);
  for (Index row = 0; b != nullptr && row < y.dim(0); ++row) {
    ops::accumulate(y.mutable_data() + row * out, b->value().data(), out);
  }

  auto backward = [x_own, w_value = w.value(), parts, first, in, out, precision, &share](
                      const Tensor& dy_here, InputGradients& gradients) {
    const Tensor dy = share.gather_rows(dy_here);
    if (gradients.needed(0)) {
      Tensor dx = Tensor::uninitialized(x_own.shape());
      for (const Range& part : parts) {
        Tensor dx_part = Tensor::uninitialized({dy.dim(0), part.size()});
        ops::dense_backward_input(dx_part.mutable_data(), dy.data(), w_value.data() + part.begin * out,
                                  dy.dim(0), part.size(), out, precision);
        copy_columns(dx, part.begin - first, dx_part);
      }
      gradients.add(0, Gradient::dense(share.to_rows(dx, in)));
    }
    add_weight_gradients(gradients, x_own, dy, precision);
  };
  return x.tape().record(y, {x, w, bias_or_none(x, b)}, std::move(backward));
}

}  // namespace mien::autograd
