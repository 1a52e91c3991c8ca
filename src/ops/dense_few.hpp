// Dense layers of few images, bound by reading the weights: rows that meet only zeros, which ReLU leaves, are
// not read.
#pragma once

#include "mien/core/encoded_tensor.hpp"

namespace mien::ops {

// w is [in][out] of `precision`; sums of int8 weights are multiplied by scale, of bf16 where it is not null.
struct DenseWeights {
  const void* values;
  Precision precision;
  const float* scale;
};

bool is_few(Index n);
void dense_few_forward(float* y, const float* x, const DenseWeights& w, const float* b, Index n, Index in,
                       Index out);

}  // namespace mien::ops
