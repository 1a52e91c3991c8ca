// What an optimizer remembers of a parameter from step to step.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/core/encoded_tensor.hpp"
#include "mien/core/precision.hpp"
#include "mien/core/tensor.hpp"

namespace mien::optim {

/// A tensor of f32 or bf16 values, zero at first.
class Moment {
 public:
  Moment(const Shape& shape, Precision precision);

  Precision precision() const { return precision_; }
  /// The values, of an f32 moment alone.
  float* f32() { return values_.mutable_data(); }
  /// The upper halves of the values' bits.
  std::uint16_t* bf16() { return halves_.data(); }

  const Shape& shape() const { return shape_; }
  /// The values as f32; shares storage where they are kept so.
  Tensor tensor() const;
  /// bf16 values as they are kept, while this object lives; undefined for f32.
  EncodedTensor encoded() const;
  /// Looks at the values as they are kept: no copy.
  bool is_finite() const;
  /// Throws ArgumentError when the shapes differ. What bf16 cannot hold is cut off.
  void assign(const Tensor& values);

 private:
  Shape shape_;
  Precision precision_;
  Tensor values_;                      // f32
  std::vector<std::uint16_t> halves_;  // bf16
};

}  // namespace mien::optim
