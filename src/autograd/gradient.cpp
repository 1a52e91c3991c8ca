#include "mien/autograd/gradient.hpp"

#include <algorithm>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "ops/join.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

Tensor join_rows(const Tensor& a, const Tensor& b) {
  Tensor joined = Tensor::uninitialized({a.dim(0) + b.dim(0), a.dim(1)});
  const ops::ConcatPart parts[] = {{a.data(), a.size()}, {b.data(), b.size()}};
  ops::concat(joined.mutable_data(), parts, 1);
  return joined;
}

}  // namespace

Gradient Gradient::dense(Tensor values) {
  Gradient gradient;
  gradient.first_ = std::move(values);
  return gradient;
}

Gradient Gradient::product(Tensor x, Tensor d, Precision precision) {
  if (x.shape().rank() != 2 || d.shape().rank() != 2 || x.dim(0) != d.dim(0)) {
    throw ArgumentError("[gradient] factors " + x.shape().to_string() + " and " + d.shape().to_string() +
                        " do not share their rows");
  }
  Gradient gradient;
  gradient.first_ = std::move(x);
  gradient.second_ = std::move(d);
  gradient.precision_ = precision;
  return gradient;
}

Shape Gradient::shape() const {
  if (is_product()) return {first_.dim(1), second_.dim(1)};
  return first_.shape();
}

const Tensor& Gradient::dense_values() const {
  if (empty() || is_product()) throw ArgumentError("[gradient] not dense");
  return first_;
}

const Tensor& Gradient::x() const {
  if (!is_product()) throw ArgumentError("[gradient] not a product");
  return first_;
}

const Tensor& Gradient::d() const {
  if (!is_product()) throw ArgumentError("[gradient] not a product");
  return second_;
}

Tensor Gradient::materialize() const {
  if (!is_product()) return first_;
  const Index out = second_.dim(1);
  Tensor values = Tensor::uninitialized(shape());
  const ops::ProductPanels panels(first_, second_, precision_);
  parallel_for_ranges(first_.dim(1), ops::ProductPanels::kRows, [&](Index begin, Index end) {
    panels.for_each_stretch(begin, end, [&](Index row, Index column, const float* stretch, Index count) {
      std::copy_n(stretch, count, values.mutable_data() + row * out + column);
    });
  });
  return values;
}

double Gradient::squared_norm() const {
  if (empty()) return 0.0;
  if (!is_product()) return ops::sum_squares(first_.data(), first_.size());
  return ops::product_squared_norm(first_.data(), second_.data(), first_.dim(0), first_.dim(1), second_.dim(1));
}

bool Gradient::is_usable() const {
  if (empty()) return true;
  constexpr double kMost = kLargestNorm * kLargestNorm;
  // |x^T d|^2 <= |x|^2 |d|^2 (Cauchy-Schwarz): mostly that is answer enough. NaN fails every comparison, and a
  // NaN or infinity in either factor reaches the diagonal of its Gram matrix.
  if (is_product() &&
      ops::sum_squares(first_.data(), first_.size()) * ops::sum_squares(second_.data(), second_.size()) <=
          kMost) {
    return true;
  }
  return squared_norm() <= kMost;
}

void Gradient::add(const Gradient& other) {
  if (other.empty()) return;
  if (empty()) {
    *this = other;
    return;
  }
  if (shape() != other.shape()) {
    throw ArgumentError("[gradient] cannot add " + other.shape().to_string() + " to " + shape().to_string());
  }
  if (is_product() && other.is_product()) {
    const bool same = precision_ == other.precision_;
    *this = product(join_rows(first_, other.first_), join_rows(second_, other.second_),
                    same ? precision_ : Precision::f32);
    return;
  }
  // A new tensor: this one may share its storage with another variable's gradient.
  Tensor sum = Tensor::uninitialized(shape());
  ops::add(sum.mutable_data(), materialize().data(), other.materialize().data(), sum.size());
  *this = dense(std::move(sum));
}

}  // namespace mien::autograd
