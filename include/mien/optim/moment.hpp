// What an optimizer remembers of a parameter from step to step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "mien/core/encoded_tensor.hpp"
#include "mien/core/precision.hpp"
#include "mien/core/tensor.hpp"

namespace mien::optim {

/// A tensor of f32 or bf16 values, zero at first. A large one takes memory only where it is written to.
class Moment {
 public:
  Moment(const Shape& shape, Precision precision);
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  Moment(Moment&&) = default;
  Moment& operator=(Moment&&) = default;
  ~Moment() = default;

  Precision precision() const { return precision_; }
  /// The values, of an f32 moment alone.
  float* f32() { return values_.mutable_data(); }
  /// The upper halves of the values' bits.
  std::uint16_t* bf16() { return halves_.get(); }
  /// The values as they are kept.
  std::span<std::byte> bytes();

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
  std::span<std::uint16_t> halves() const { return {halves_.get(), static_cast<std::size_t>(shape_.size())}; }

  Shape shape_;
  Precision precision_;
  Tensor values_;                          // f32
  std::shared_ptr<std::uint16_t> halves_;  // bf16
};

}  // namespace mien::optim
