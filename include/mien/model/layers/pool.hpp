// Pooling: one value for a window, or for a whole channel.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

inline constexpr Limits<Index> kPoolWindow{1, 15};  // a maximum's place is kept in one byte

/// What kinds with a window share.
template <typename Self, typename Fields>
void pool_fields(Self& s, Fields& f) {
  f.number({"a window edge", "the window edge"}, s.kernel, kPoolWindow);
  f.number({"a stride", "the stride"}, s.stride, kStride);
  f.padding(s.padding);
}

/// `maxpool KERNEL STRIDE [same|valid|pad ...]`; padding never wins.
struct MaxPoolSpec {
  static constexpr std::string_view kKind = "maxpool";
  static constexpr bool kTakesAnyLayout = true;
  Index kernel = 0;
  Index stride = 0;
  Padding padding = Padding::valid;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    pool_fields(s, f);
  }
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true}; }
  friend bool operator==(const MaxPoolSpec&, const MaxPoolSpec&) = default;
};

/// `avgpool KERNEL STRIDE [same|valid|pad ...]`; padding is not counted.
struct AvgPoolSpec {
  static constexpr std::string_view kKind = "avgpool";
  Index kernel = 0;
  Index stride = 0;
  Padding padding = Padding::valid;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    pool_fields(s, f);
  }
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true}; }
  friend bool operator==(const AvgPoolSpec&, const AvgPoolSpec&) = default;
};

/// `globalpool`: the mean of each channel.
struct GlobalPoolSpec {
  static constexpr std::string_view kKind = "globalpool";
  template <typename Self, typename Fields>
  static void fields(Self&, Fields&) {}
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true}; }
  friend bool operator==(const GlobalPoolSpec&, const GlobalPoolSpec&) = default;
};

}  // namespace mien::model
