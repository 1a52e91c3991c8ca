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
  if (extent < 1) return {};
  const Index steps = (extent - 1) / stride;  // so written that no sum can overflow
  const Index padded = std::max<Index>(kernel - (extent - steps * stride), 0);
  return {steps + 1, padded / 2};
}

}  // namespace mien
