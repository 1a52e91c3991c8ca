// Layers of values without a place: dense ones, and the way from an image to them.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

/// `flatten`: C x H x W to one axis. `dense` does it by itself.
struct FlattenSpec {
  static constexpr std::string_view kKind = "flatten";
  static constexpr bool kPassesOn = true;
  template <typename Self, typename Fields>
  static void fields(Self&, Fields&) {}
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {}; }
  friend bool operator==(const FlattenSpec&, const FlattenSpec&) = default;
};

/// `dense OUT [nobias]`: every output sees every input.
struct DenseSpec {
  static constexpr std::string_view kKind = "dense";
  static constexpr bool kTakesBatchNorm = true;
  static constexpr Limits<Index> kOutputs{1, Index{1} << 20};

  Index out = 0;
  bool bias = true;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.number({"a number of outputs", "the number of outputs"}, s.out, kOutputs);
    f.without("nobias", s.bias);
  }
  void place(Placement& at) const;
  Cost cost(const Shape& in, const Shape& out_shape) const;
  friend bool operator==(const DenseSpec&, const DenseSpec&) = default;
};

}  // namespace mien::model
