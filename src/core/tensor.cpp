#include "mien/core/tensor.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/memory.hpp"

namespace mien {

// The reference count stands in front of the values, in the same block: one acquisition a tensor.
struct alignas(64) Tensor::Block {
  std::atomic<int> references{1};
  std::size_t bytes = 0;
  std::shared_ptr<const void> owner;  // of values that lie elsewhere
};

Tensor Tensor::uninitialized(const Shape& shape) {
  const std::size_t bytes = sizeof(Block) + static_cast<std::size_t>(shape.size()) * sizeof(float);
  Tensor tensor;
  tensor.shape_ = shape;
  tensor.block_ = new (detail::acquire_block(bytes)) Block;
  tensor.block_->bytes = bytes;
  tensor.data_ = reinterpret_cast<float*>(tensor.block_ + 1);
  return tensor;
}

void Tensor::reserve(Index size, Index count) {
  detail::reserve_blocks(sizeof(Block) + static_cast<std::size_t>(size) * sizeof(float),
                         static_cast<std::size_t>(count));
}

Tensor::Tensor(const Shape& shape) : Tensor(uninitialized(shape)) {
  fill(0.0f);
}

Tensor Tensor::full(const Shape& shape, float value) {
  Tensor tensor = uninitialized(shape);
  tensor.fill(value);
  return tensor;
}

Tensor Tensor::from(const Shape& shape, std::span<const float> values) {
  if (static_cast<Index>(values.size()) != shape.size()) {
    throw ArgumentError("[tensor] " + shape.to_string() + " holds " + std::to_string(shape.size()) +
                        " values, got " + std::to_string(values.size()));
  }
  Tensor tensor = uninitialized(shape);
  std::copy(values.begin(), values.end(), tensor.data_);
  return tensor;
}

Tensor Tensor::alias(const Shape& shape, float* values, std::shared_ptr<const void> owner) {
  Tensor tensor = uninitialized(Shape{0});
  tensor.shape_ = shape;
  tensor.block_->owner = std::move(owner);
  tensor.data_ = values;
  return tensor;
}

Tensor::Tensor(const Tensor& other) : shape_(other.shape_), block_(other.block_), data_(other.data_) {
  if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
}

Tensor::Tensor(Tensor&& other) noexcept
    : shape_(std::exchange(other.shape_, Shape())),
      block_(std::exchange(other.block_, nullptr)),
      data_(std::exchange(other.data_, nullptr)) {}

Tensor& Tensor::operator=(Tensor other) noexcept {
  std::swap(shape_, other.shape_);
  std::swap(block_, other.block_);
  std::swap(data_, other.data_);
  return *this;
}

Tensor::~Tensor() {
  if (block_ != nullptr && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    const std::size_t bytes = block_->bytes;
    block_->~Block();
    detail::release_block(block_, bytes);
  }
}

Tensor Tensor::reshape(const Shape& shape) const {
  if (!defined() || shape.size() != size()) {
    throw ArgumentError("[reshape] " + (defined() ? shape_.to_string() : "undefined tensor") +
                        " does not fit " + shape.to_string());
  }
  Tensor result = *this;
  result.shape_ = shape;
  return result;
}

Tensor Tensor::clone() const {
  if (!defined()) return {};
  Tensor result = uninitialized(shape_);
  std::copy_n(data_, size(), result.data_);
  return result;
}

void Tensor::fill(float value) {
  if (defined()) std::fill_n(data_, size(), value);
}

void Tensor::copy_from(const Tensor& other) {
  if (defined() != other.defined() || shape_ != other.shape_) {
    throw ArgumentError("[copy] " + shape_.to_string() + " cannot take the values of " +
                        other.shape_.to_string());
  }
  if (defined()) std::memmove(data_, other.data_, static_cast<std::size_t>(size()) * sizeof(float));
}

}  // namespace mien
