// For convolutions that compute images channels-last, however these lie.
#pragma once

#include "mien/core/layout.hpp"
#include "mien/core/tensor.hpp"
#include "ops/kernels_in_use.hpp"

namespace mien::ops {

// Images channels-last: where they lie, or copied to `room`. Values where `mask`, if there is one, is
// not above zero become zero.
inline const float* channels_last(Tensor& room, const float* x, const float* mask, Index images, Index channels,
                                  Index pixels, Layout layout) {
  const kernels::KernelTable& kernels = kernels_in_use();
  if (layout == Layout::channels_last && mask == nullptr) return x;
  const Index size = channels * pixels;
  if (layout == Layout::channels_last) {
    kernels.relu_backward(room.mutable_data(), x, mask, images * size);
  } else {
    for (Index i = 0; i < images; ++i) {
      kernels.to_channels_last(room.mutable_data() + i * size, x + i * size,
                               mask != nullptr ? mask + i * size : nullptr, channels, pixels);
    }
  }
  return room.data();
}

// Where images are computed channels-last: where they belong, or in `room`, from which finish() copies them.
class Results {
 public:
  Results(float* y, Tensor& room, Index channels, Index pixels, Layout layout)
      : y_(y), room_(room), channels_(channels), pixels_(pixels), in_place_(layout == Layout::channels_last) {}
  float* data() { return in_place_ ? y_ : room_.mutable_data(); }
  void finish(Index images) const {
    const Index size = channels_ * pixels_;
    for (Index i = 0; !in_place_ && i < images; ++i) {
      kernels_in_use().from_channels_last(y_ + i * size, room_.data() + i * size, channels_, pixels_);
    }
  }

 private:
  float* y_;
  Tensor& room_;
  Index channels_, pixels_;
  bool in_place_;
};

}  // namespace mien::ops
