// Images channels-first and channels-last.
#pragma once

#include <vector>

#include "kernels/index.hpp"

namespace mien::testing {

/// n images [channels][pixels], each as [pixels][channels].
template <typename T>
std::vector<T> channels_last(const std::vector<T>& images, kernels::Index n, kernels::Index channels,
                             kernels::Index pixels) {
  std::vector<T> result(images.size());
  for (kernels::Index i = 0; i < n; ++i) {
    for (kernels::Index c = 0; c < channels; ++c) {
      for (kernels::Index p = 0; p < pixels; ++p) {
        result[static_cast<std::size_t>((i * pixels + p) * channels + c)] =
            images[static_cast<std::size_t>((i * channels + c) * pixels + p)];
      }
    }
  }
  return result;
}

}  // namespace mien::testing
