// The one tensor type: float32, contiguous, row-major, with shared storage.
#pragma once

#include <memory>
#include <span>

#include "mien/core/shape.hpp"

namespace mien {

/// Copying aliases the storage, clone() copies it. A default-constructed tensor is undefined: it has
/// no storage, and reading its data is an error. Storage is 64-byte aligned and recycled by size, so a
/// loop that makes the same tensors again allocates nothing after its first round.
class Tensor {
 public:
  Tensor() = default;
  /// Zero-filled.
  explicit Tensor(const Shape& shape);
  /// Contents are whatever the memory held: for callers that write every element.
  static Tensor uninitialized(const Shape& shape);
  /// Sees to it that so many tensors of `size` values can be made without asking the system for memory.
  static void reserve(Index size, Index count);
  /// Every element is `value`.
  static Tensor full(const Shape& shape, float value);
  /// Copies `values`. Throws ArgumentError when their number differs from shape.size().
  static Tensor from(const Shape& shape, std::span<const float> values);

  /// Values that lie elsewhere, aligned as floats are; `owner` keeps them alive.
  static Tensor alias(const Shape& shape, float* values, std::shared_ptr<const void> owner);

  Tensor(const Tensor& other);
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(Tensor other) noexcept;
  ~Tensor();

  bool defined() const { return block_ != nullptr; }
  const Shape& shape() const { return shape_; }
  Index size() const { return shape_.size(); }
  /// The extent along `axis`. Throws ArgumentError as Shape does.
  Index dim(std::size_t axis) const { return shape_[axis]; }

  const float* data() const { return data_; }
  /// The first element, to be written; copies of this tensor see what is written.
  float* mutable_data() { return data_; }
  std::span<const float> values() const { return {data_, static_cast<std::size_t>(defined() ? size() : 0)}; }

  /// The same storage under another shape. Throws ArgumentError when the sizes differ.
  Tensor reshape(const Shape& shape) const;
  Tensor clone() const;
  /// Sets every element to `value`.
  void fill(float value);
  /// Copies the values of `other` into this storage. Throws ArgumentError when the shapes differ.
  void copy_from(const Tensor& other);

 private:
  struct Block;
  Shape shape_;
  Block* block_ = nullptr;
  float* data_ = nullptr;
};

}  // namespace mien
