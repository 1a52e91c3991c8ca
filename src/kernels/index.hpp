// Sizes and places, signed so that differences are.
#pragma once

#include <cstddef>

namespace mien::kernels {

using Index = std::ptrdiff_t;

}  // namespace mien::kernels
