// What the dense layers' sources share.
#pragma once

#include "kernels/kernel_table.hpp"
#include "mien/core/encoded_tensor.hpp"
#include "mien/core/precision.hpp"

namespace mien::ops {

// w is [in][out] of `encoding`; sums of int8 weights are multiplied by scale, of bf16 where it is not null.
struct DenseWeights {
  const void* values;
  Encoding encoding;
  const float* scale;
};

// For few images, bound by reading the weights: rows that meet only zeros, which ReLU leaves, are not read.
void dense_few_forward(float* y, const float* x, const DenseWeights& w, const float* b, Index n, Index in,
                       Index out);

// The kernels for products in `precision`: bf16 only where it is the faster one.
const kernels::ProductKernels& products_in(Precision precision);

// Images are rounded, too, for encoded weights of so many columns at least: the few of a last layer save
// nothing, and their logits are what is asked for.
inline constexpr Index kLeastNarrowColumns = 32;

// For int8 weights of this shape and more than a few images: sums of bytes, exact, of levels that each image's
// values are rounded to.
bool multiplies_bytes(const Shape& weight);
void dense_forward_bytes(float* y, const float* x, const EncodedTensor& w, const float* b, Index n,
                         const Tensor& packed);

// The left operand x [n][size], packed in blocks of products.block.depth values of each row.
class PackedRows {
 public:
  PackedRows(const kernels::ProductKernels& products, const float* x, Index n, Index size);
  /// From value k of each row on, a multiple of that.
  const float* block(Index k) const { return blocks_.data() + k / depth_ * block_size_; }

 private:
  Index depth_, block_size_;
  Tensor blocks_;
};

}  // namespace mien::ops
