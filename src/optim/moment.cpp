#include "mien/optim/moment.hpp"

#include "core/bit_cast.hpp"
#include "mien/core/error.hpp"
#include "ops/ops.hpp"

namespace mien::optim {

Moment::Moment(const Shape& shape, Precision precision) : shape_(shape), precision_(precision) {
  if (precision == Precision::bf16) {
    halves_.resize(static_cast<std::size_t>(shape.size()));
  } else {
    values_ = Tensor(shape);
  }
}

Tensor Moment::tensor() const {
  if (precision_ == Precision::f32) return values_;
  Tensor tensor = Tensor::uninitialized(shape_);
  float* to = tensor.mutable_data();
  for (const std::uint16_t half : halves_) *to++ = mien::detail::bit_cast<float>(std::uint32_t{half} << 16);
  return tensor;
}

EncodedTensor Moment::encoded() const {
  if (precision_ == Precision::f32) return {};
  const std::shared_ptr<const void> not_owned(std::shared_ptr<const void>(), halves_.data());
  return {.encoding = Encoding::bf16, .shape = shape_, .values = not_owned, .scale = {}};
}

bool Moment::is_finite() const {
  if (precision_ == Precision::f32) return ops::all_finite(values_.data(), values_.size());
  constexpr unsigned kExponent = 0x7f80;  // all of its bits: infinity or NaN
  bool finite = true;
  for (const std::uint16_t half : halves_) finite &= (half & kExponent) != kExponent;
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
  for (std::uint16_t& half : halves_)
    half = static_cast<std::uint16_t>(mien::detail::bit_cast<std::uint32_t>(*from++) >> 16);
}

}  // namespace mien::optim
