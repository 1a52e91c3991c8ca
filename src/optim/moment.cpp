#include "mien/optim/moment.hpp"

#include <new>

#include "core/bit_cast.hpp"
#include "core/pages.hpp"
#include "mien/core/error.hpp"
#include "ops/ops.hpp"

namespace mien::optim {
namespace {

template <typename T>
std::shared_ptr<T> zeros(Index count) {
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
  void* block = mien::detail::reserve_zero_pages(bytes);
  if (block == nullptr) throw std::bad_alloc();
  mien::detail::use_huge_pages(block, bytes);
  return {static_cast<T*>(block), [bytes](T* values) { mien::detail::release_zero_pages(values, bytes); }};
}

bool is_large(const Shape& shape) {
  return static_cast<std::size_t>(shape.size()) * sizeof(float) >= mien::detail::kHugePage;
}

}  // namespace

Moment::Moment(const Shape& shape, Precision precision) : shape_(shape), precision_(precision) {
  if (precision == Precision::bf16) {
    halves_ = zeros<std::uint16_t>(shape.size());
  } else if (is_large(shape)) {
    const std::shared_ptr<float> values = zeros<float>(shape.size());
    values_ = Tensor::alias(shape, values.get(), values);
  } else {
    values_ = Tensor(shape);
  }
}

std::span<std::byte> Moment::bytes() {
  if (precision_ == Precision::bf16) return std::as_writable_bytes(halves());
  return std::as_writable_bytes(std::span(f32(), static_cast<std::size_t>(shape_.size())));
}

Tensor Moment::tensor() const {
  if (precision_ == Precision::f32) return values_;
  Tensor tensor = Tensor::uninitialized(shape_);
  float* to = tensor.mutable_data();
  for (const std::uint16_t half : halves()) *to++ = mien::detail::bit_cast<float>(std::uint32_t{half} << 16);
  return tensor;
}

EncodedTensor Moment::encoded() const {
  if (precision_ == Precision::f32) return {};
  const std::shared_ptr<const void> not_owned(std::shared_ptr<const void>(), halves_.get());
  return {.encoding = Encoding::bf16, .shape = shape_, .values = not_owned, .scale = {}};
}

bool Moment::is_finite() const {
  if (precision_ == Precision::f32) return ops::all_finite(values_.data(), values_.size());
  constexpr unsigned kExponent = 0x7f80;  // all of its bits: infinity or NaN
  bool finite = true;
  for (const std::uint16_t half : halves()) finite &= (half & kExponent) != kExponent;
  return finite;
}

void Moment::assign(const Tensor& values) {
  if (values.shape() != shape_) {
    throw ArgumentError("[optimizer] " + shape_.to_string() + " cannot take the values of " +
                        values.shape().to_string());
  }
  if (precision_ == Precision::f32) {
    values_.copy_from(values);
    return;
  }
  const float* from = values.data();
  for (std::uint16_t& half : halves())
    half = static_cast<std::uint16_t>(mien::detail::bit_cast<std::uint32_t>(*from++) >> 16);
}

}  // namespace mien::optim
