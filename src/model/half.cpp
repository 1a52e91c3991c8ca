#include "model/half.hpp"

#include <cstring>

#include "core/bit_cast.hpp"
#include "mien/core/parallel.hpp"

namespace mien::model {
namespace {

constexpr Index kGrain = Index{1} << 18;

float from_bf16(std::uint16_t bits) {
  return mien::detail::bit_cast<float>(std::uint32_t{bits} << 16);
}

template <typename Convert>
Tensor converted(const TensorEntry& entry, Convert convert) {
  Tensor tensor = Tensor::uninitialized(entry.shape);
  float* const to = tensor.mutable_data();
  parallel_for_ranges(tensor.size(), kGrain, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      std::uint16_t bits = 0;  // at any alignment
      std::memcpy(&bits, entry.bytes.data() + 2 * i, sizeof bits);
      to[i] = convert(bits);
    }
  });
  return tensor;
}

}  // namespace

float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t{bits} >> 15 << 31;
  const std::uint32_t exponent = std::uint32_t{bits} >> 10 & 31;
  const std::uint32_t fraction = bits & 1023u;
  constexpr std::uint32_t kRebias = 127 - 15;
  if (exponent == 0) {  // subnormal here, and a normal number in fp32
    const float value = static_cast<float>(fraction) * 0x1p-24f;
    return mien::detail::bit_cast<float>(sign | mien::detail::bit_cast<std::uint32_t>(value));
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + kRebias;
  return mien::detail::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

Tensor widened(const TensorEntry& entry) {
  return entry.dtype == DType::f16 ? converted(entry, from_f16) : converted(entry, from_bf16);
}

}  // namespace mien::model
