// Layers that change each value by itself.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

/// `relu`
struct ReluSpec {
  static constexpr std::string_view kKind = "relu";
  template <typename Self, typename Fields>
  static void fields(Self&, Fields&) {}
  void place(Placement&) const {}
  Cost cost(const Shape&, const Shape&) const { return {}; }
  friend bool operator==(const ReluSpec&, const ReluSpec&) = default;
};

/// `dropout RATE`: RATE, 0 to 0.99, is the share set to zero while training; nothing when predicting.
struct DropoutSpec {
  static constexpr std::string_view kKind = "dropout";
  static constexpr Limits<float> kRate{0.0f, 0.99f};

  float rate = 0.5f;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.number({"a rate", "the rate"}, s.rate, kRate);
  }
  void place(Placement&) const {}
  Cost cost(const Shape&, const Shape&) const { return {}; }
  friend bool operator==(const DropoutSpec&, const DropoutSpec&) = default;
};

}  // namespace mien::model
