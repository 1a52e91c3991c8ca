#include <cmath>

#include "autograd/check.hpp"
#include "autograd/targets.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

using Form = CrossEntropyOptions::Form;

constexpr const char* kCrossEntropy = "softmax_cross_entropy";

Tensor one_hot(const char* op, std::span<const std::uint8_t> labels, Index classes) {
  Tensor t(Shape{static_cast<Index>(labels.size()), classes});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes) {
      fail(op, "label " + std::to_string(labels[i]) + " of " + std::to_string(classes) + " classes");
    }
    t.mutable_data()[static_cast<Index>(i) * classes + labels[i]] = 1.0f;
  }
  return t;
}

// d logits of -sum(t * log(p)) taken apart as automatic differentiation of the printed formula does:
// dp = -t / p, then through softmax p * (dp - sum(dp * p)). Zero times infinity is NaN, on purpose.
void naive_gradient(float* dz, const float* t, const float* p, Index classes, float factor) {
  float dot = 0;
  for (Index c = 0; c < classes; ++c) dot += -t[c] / p[c] * p[c];
  for (Index c = 0; c < classes; ++c) dz[c] = factor * p[c] * (-t[c] / p[c] - dot);
}

}  // namespace

Tensor one_hot(std::span<const std::uint8_t> labels, Index classes) {
  return one_hot("one_hot", labels, classes);
}

Variable softmax(const Variable& x) {
  if (x.shape().rank() != 2) fail("softmax", "expects N x F, input is " + x.shape().to_string());
  const Index rows = x.shape()[0];
  const Index columns = x.shape()[1];
  Tensor y = Tensor::uninitialized(x.shape());
  ops::softmax(y.mutable_data(), x.value().data(), rows, columns);
  auto backward = [y, rows, columns](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(y.shape());
    for (Index r = 0; r < rows; ++r) {
      const float* p = y.data() + r * columns;
      const float* d = dy.data() + r * columns;
      float dot = 0;
      for (Index c = 0; c < columns; ++c) dot += p[c] * d[c];
      for (Index c = 0; c < columns; ++c) dx.mutable_data()[r * columns + c] = p[c] * (d[c] - dot);
    }
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable softmax_cross_entropy(const Variable& logits, std::span<const std::uint8_t> labels,
                               const CrossEntropyOptions& options, std::span<const float> class_weights) {
  const Shape& s = logits.shape();
  if (s.rank() != 2) fail(kCrossEntropy, "expects logits N x classes, got " + s.to_string());
  if (static_cast<Index>(labels.size()) != s[0]) {
    fail(kCrossEntropy, std::to_string(s[0]) + " rows of logits, " + std::to_string(labels.size()) + " labels");
  }
  return softmax_cross_entropy(logits, one_hot(kCrossEntropy, labels, s[1]), options, class_weights);
}

Variable softmax_cross_entropy(const Variable& logits, const Tensor& targets,
                               const CrossEntropyOptions& options, std::span<const float> class_weights) {
  const Shape shape = logits.shape();
  check_shares(kCrossEntropy, "targets", shape, targets);
  const bool naive = options.form == Form::naive;
  if (naive && options.label_smoothing != 0.0f) fail(kCrossEntropy, "the naive form has no label smoothing");
  const Tensor t = smoothed(kCrossEntropy, targets, options.label_smoothing);
  const std::vector<float> factors = row_factors(kCrossEntropy, targets, options.reduction, class_weights);
  const Index rows = shape[0];
  const Index classes = shape[1];
  Tensor p = Tensor::uninitialized(shape);
  ops::softmax(p.mutable_data(), logits.value().data(), rows, classes);
  Tensor log_p = Tensor::uninitialized(shape);
  if (naive) {
    for (Index i = 0; i < p.size(); ++i) log_p.mutable_data()[i] = std::log(p.data()[i]);
  } else {
    ops::log_softmax(log_p.mutable_data(), logits.value().data(), rows, classes);
  }
  std::vector<double> losses(static_cast<std::size_t>(rows));
  for (Index i = 0; i < p.size(); ++i) {
    losses[static_cast<std::size_t>(i / classes)] -= double{t.data()[i]} * double{log_p.data()[i]};
  }

  auto backward = [t, p, rows, classes, factors, naive](const Tensor& dy, InputGradients& gradients) {
    Tensor dz = Tensor::uninitialized(p.shape());
    for (Index r = 0; r < rows; ++r) {
      const float upstream = dy.data()[0] * factors[static_cast<std::size_t>(r)];
      const Index row = r * classes;
      if (naive) {
        naive_gradient(dz.mutable_data() + row, t.data() + row, p.data() + row, classes, upstream);
        continue;
      }
      for (Index i = row; i < row + classes; ++i) dz.mutable_data()[i] = upstream * (p.data()[i] - t.data()[i]);
    }
    gradients.add(0, Gradient::dense(dz));
  };
  return logits.tape().record(reduced(losses, factors), {logits}, std::move(backward));
}

}  // namespace mien::autograd
