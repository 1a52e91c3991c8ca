// Convolutions.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

/// `conv OUT KERNEL [same|valid|pad ...] [stride S] [nobias]`: cross-correlation, OUT filters of KERNEL x
/// KERNEL, or HxW.
struct ConvSpec {
  static constexpr std::string_view kKind = "conv";
  static constexpr bool kTakesRelu = true;
  static constexpr bool kTakesBatchNorm = true;
  static constexpr Limits<Index> kFilters{1, 65536};
  static constexpr Limits<Index> kKernel{1, 255};

  Index out = 0;
  WindowSize kernel = {};
  Padding padding = Padding::same;
  Index stride = 1;
  bool bias = true;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.number({"a number of filters", "the number of filters"}, s.out, kFilters);
    f.window({"a kernel edge", "the kernel edge"}, s.kernel, kKernel);
    f.padding(s.padding);
    f.option("stride", {"a stride", "the stride"}, s.stride, kStride);
    f.without("nobias", s.bias);
  }
  void place(Placement& at) const;
  Cost cost(const Shape& in, const Shape& out_shape) const;
  friend bool operator==(const ConvSpec&, const ConvSpec&) = default;
};

/// `dwconv KERNEL [same|valid|pad ...] [stride S] [nobias]`: depthwise, each channel with a filter of its own.
struct DwConvSpec {
  static constexpr std::string_view kKind = "dwconv";
  static constexpr bool kTakesRelu = true;
  static constexpr bool kTakesBatchNorm = true;
  static constexpr Limits<Index> kKernel{1, 15};

  Index kernel = 0;
  Padding padding = Padding::same;
  Index stride = 1;
  bool bias = true;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.number({"a kernel edge", "the kernel edge"}, s.kernel, kKernel);
    f.padding(s.padding);
    f.option("stride", {"a stride", "the stride"}, s.stride, kStride);
    f.without("nobias", s.bias);
  }
  void place(Placement& at) const;
  Cost cost(const Shape& in, const Shape& out_shape) const;
  friend bool operator==(const DwConvSpec&, const DwConvSpec&) = default;
};

}  // namespace mien::model
