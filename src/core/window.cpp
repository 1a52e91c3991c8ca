#include "mien/core/window.hpp"

#include <algorithm>

#include "mien/core/error.hpp"

namespace mien {

WindowAxis window_axis(Index extent, Index kernel, Index stride, Padding padding, const std::string& where) {
  if (kernel < 1 || stride < 1) throw ArgumentError("[" + where + "] kernel and stride must be at least 1");
  if (padding == Padding::valid) {
    if (extent < kernel) {
      throw ArgumentError("[" + where + "] a window of " + std::to_string(kernel) + " does not fit " +
                          std::to_string(extent) + " rows or columns");
    }
    return {(extent - kernel) / stride + 1, 0};
  }
  const Index output = (extent + stride - 1) / stride;
  const Index padded = std::max<Index>((output - 1) * stride + kernel - extent, 0);
  return {output, padded / 2};
}

}  // namespace mien
