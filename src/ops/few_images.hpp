// Threads share each image of a few, instead of taking whole images in turn.
#pragma once

#include "kernels/kernel_table.hpp"

namespace mien::ops {

constexpr bool is_few(kernels::Index n) {
  return n >= 1 && n <= kernels::kRowSumImages;
}

}  // namespace mien::ops
