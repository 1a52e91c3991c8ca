#include <cmath>

#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

using Reduction = CrossEntropyOptions::Reduction;
using Form = CrossEntropyOptions::Form;

void check(const Variable& logits, std::span<const std::uint8_t> labels, const CrossEntropyOptions& options) {
  const Shape& s = logits.shape();
  if (s.rank() != 2 || s[0] == 0) {
    fail("softmax_cross_entropy", "expects logits N x classes, got " + s.to_string());
  }
  if (static_cast<Index>(labels.size()) != s[0]) {
    fail("softmax_cross_entropy",
         std::to_string(s[0]) + " rows of logits, " + std::to_string(labels.size()) + " labels");
  }
  for (std::uint8_t label : labels) {
    if (label >= s[1]) {
      fail("softmax_cross_entropy",
           "label " + std::to_string(label) + " of " + std::to_string(s[1]) + " classes");
    }
  }
  if (!(options.label_smoothing >= 0.0f && options.label_smoothing < 1.0f)) {
    fail("softmax_cross_entropy", "label smoothing must be in [0, 1)");
  }
  if (options.form == Form::naive && options.label_smoothing != 0.0f) {
    fail("softmax_cross_entropy", "the naive form has no label smoothing");
  }
}

// Targets: 1 - s + s/classes for the label, s/classes for the others.
Tensor targets(const Shape& shape, std::span<const std::uint8_t> labels, float smoothing) {
  const float rest = smoothing / static_cast<float>(shape[1]);
  Tensor t = Tensor::full(shape, rest);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    t.mutable_data()[static_cast<Index>(i) * shape[1] + labels[i]] = 1.0f - smoothing + rest;
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
                               const CrossEntropyOptions& options) {
  check(logits, labels, options);
  const Shape shape = logits.shape();
  const Index rows = shape[0];
  const Index classes = shape[1];
  const bool naive = options.form == Form::naive;
  const float factor = options.reduction == Reduction::mean ? 1.0f / static_cast<float>(rows) : 1.0f;
  const Tensor t = targets(shape, labels, options.label_smoothing);
  Tensor p = Tensor::uninitialized(shape);
  ops::softmax(p.mutable_data(), logits.value().data(), rows, classes);
  Tensor log_p = Tensor::uninitialized(shape);
  if (naive) {
    for (Index i = 0; i < p.size(); ++i) log_p.mutable_data()[i] = std::log(p.data()[i]);
  } else {
    ops::log_softmax(log_p.mutable_data(), logits.value().data(), rows, classes);
  }
  double loss = 0;
  for (Index i = 0; i < p.size(); ++i) loss -= double{t.data()[i]} * double{log_p.data()[i]};

  auto backward = [t, p, rows, classes, factor, naive](const Tensor& dy, InputGradients& gradients) {
    const float upstream = dy.data()[0] * factor;
    Tensor dz = Tensor::uninitialized(p.shape());
    for (Index r = 0; r < rows; ++r) {
      const Index row = r * classes;
      if (naive) {
        naive_gradient(dz.mutable_data() + row, t.data() + row, p.data() + row, classes, upstream);
        continue;
      }
      for (Index i = row; i < row + classes; ++i) dz.mutable_data()[i] = upstream * (p.data()[i] - t.data()[i]);
    }
    gradients.add(0, Gradient::dense(dz));
  };
  return logits.tape().record(Tensor::full({}, static_cast<float>(loss) * factor), {logits},
                              std::move(backward));
}

}  // namespace mien::autograd
