// What the dense layers' sources share.
#pragma once

#include "mien/core/encoded_tensor.hpp"

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

// x [n][size], packed for products block after block of `depth` values of each row.
Tensor pack_rows(const float* x, Index n, Index size, Index depth);

}  // namespace mien::ops
