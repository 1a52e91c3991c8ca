#include "mien/core/window.hpp"

#include <algorithm>

#include "mien/core/error.hpp"

namespace mien {

WindowAxis window_axis(Index extent, Index window, Index stride, const AxisPadding& padding,
                       const std::string& where) {
  if (window < 1 || stride < 1) throw ArgumentError("[" + where + "] kernel and stride must be at least 1");
  if (padding.kind == AxisPadding::Kind::same) {
    if (extent < 1) return {};
    const Index steps = (extent - 1) / stride;  // so written that no sum can overflow
    const Index padded = std::max<Index>(window - (extent - steps * stride), 0);
    return {steps + 1, padded / 2};
  }
  for (const Index pad : {padding.before, padding.after}) {
    if (pad < 0 || pad > Padding::kMost) {
      throw ArgumentError("[" + where + "] padding must be 0 to " + std::to_string(Padding::kMost) + ", got " +
                          std::to_string(pad));
    }
  }
  const Index padded = extent + padding.before + padding.after;
  if (padded < window) {
    throw ArgumentError("[" + where + "] a window of " + std::to_string(window) + " does not fit " +
                        std::to_string(padded) + " rows or columns");
  }
  return {(padded - window) / stride + 1, padding.before};
}

}  // namespace mien
