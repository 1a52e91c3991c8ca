// Columns of a matrix by themselves.
#pragma once

#include <algorithm>

#include "mien/autograd/share.hpp"

namespace mien::autograd {

// Writes these columns of the matrix to `to`, row after row.
inline void write_columns(float* to, const Tensor& matrix, Range columns) {
  for (Index row = 0; row < matrix.dim(0); ++row) {
    to = std::copy_n(matrix.data() + row * matrix.dim(1) + columns.begin, columns.size(), to);
  }
}

inline Tensor columns_of(const Tensor& matrix, Range columns) {
  if (columns.size() == matrix.dim(1)) return matrix;
  Tensor result = Tensor::uninitialized({matrix.dim(0), columns.size()});
  write_columns(result.mutable_data(), matrix, columns);
  return result;
}

// Makes `columns` those of the matrix from number `first` on.
inline void copy_columns(Tensor& matrix, Index first, const Tensor& columns) {
  for (Index row = 0; row < matrix.dim(0); ++row) {
    std::copy_n(columns.data() + row * columns.dim(1), columns.dim(1),
                matrix.mutable_data() + row * matrix.dim(1) + first);
  }
}

}  // namespace mien::autograd
