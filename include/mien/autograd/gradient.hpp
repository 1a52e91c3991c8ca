// The gradient of a loss with respect to one tensor: a plain tensor, or the two factors of a product.
#pragma once

#include "mien/core/precision.hpp"
#include "mien/core/tensor.hpp"

namespace mien::autograd {

/// The weight gradient of a dense layer is x^T d, of rank at most the batch size. Kept as (x, d) it is a
/// few hundred kilobytes instead of the hundreds of megabytes of the weights themselves; an optimizer
/// forms a panel of it at a time.
class Gradient {
 public:
  /// No gradient: nothing has flowed here yet.
  Gradient() = default;
  /// A plain tensor of gradients.
  static Gradient dense(Tensor values);
  /// values[i][j] = sum_r x[r][i] * d[r][j]; x is [rows][in], d is [rows][out]. Throws ArgumentError when
  /// the rows differ. `precision` is how the products are computed.
  static Gradient product(Tensor x, Tensor d, Precision precision = Precision::f32);

  bool empty() const { return !first_.defined(); }
  bool is_product() const { return second_.defined(); }
  /// {in, out} for a product.
  Shape shape() const;

  /// The values of a dense gradient. Throws ArgumentError for a product or an empty gradient.
  const Tensor& dense_values() const;
  /// The factors of a product. Throw ArgumentError otherwise.
  const Tensor& x() const;
  const Tensor& d() const;
  Precision precision() const { return precision_; }

  /// The plain matrix, whatever the form; shares storage when already dense.
  Tensor materialize() const;

  /// Sum of the squares of all elements. For a product from the two rows x rows Gram matrices:
  /// |x^T d|^2 = sum(x x^T * d d^T) (Goodfellow 2015, arXiv 1510.01799), without forming it.
  double squared_norm() const;
  /// False when any element is NaN or infinite, or the norm is above kLargestNorm: optimizers square elements,
  /// and a moment that has become infinite never comes back.
  bool is_usable() const;
  static constexpr double kLargestNorm = 1e18;

  /// Adds `other`. Products of the same shape stay a product, with their rows joined, in the finer precision.
  void add(const Gradient& other);

 private:
  Tensor first_;   // the values, or x
  Tensor second_;  // undefined, or d
  Precision precision_ = Precision::f32;
};

}  // namespace mien::autograd
