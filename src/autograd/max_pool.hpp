// What max-pooling by itself and behind a convolution share.
#pragma once

#include <cstdint>

#include "mien/autograd/ops.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

ops::Pool2dGeometry max_pool_geometry(const Shape& x, const MaxPoolOptions& options);

// One byte for each value of y, in a tensor's recycled storage.
inline Tensor argmax_of(const Tensor& y) {
  return Tensor::uninitialized({(y.size() + 3) / 4});
}
inline std::uint8_t* bytes(Tensor& argmax) {
  return reinterpret_cast<std::uint8_t*>(argmax.mutable_data());
}
inline const std::uint8_t* bytes(const Tensor& argmax) {
  return reinterpret_cast<const std::uint8_t*>(argmax.data());
}

}  // namespace mien::autograd
