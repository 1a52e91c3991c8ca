// Layers that change each value by itself.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

/// `relu`
struct ReluSpec {
  static constexpr std::string_view kKind = "relu";
  static constexpr bool kTakesAnyLayout = true;
  static constexpr bool kWorksInPlace = true;
  template <typename Self, typename Fields>
  static void fields(Self&, Fields&) {}
  void place(Placement&) const {}
  Cost cost(const Shape&, const Shape&) const { return {}; }
  friend bool operator==(const ReluSpec&, const ReluSpec&) = default;
};

/// What functions of single values that have no numbers share.
struct PlainFunction {
  template <typename Self, typename Fields>
  static void fields(Self&, Fields&) {}
  void place(Placement&) const {}
  Cost cost(const Shape&, const Shape&) const { return {.moves = true}; }
  friend bool operator==(const PlainFunction&, const PlainFunction&) = default;
};

/// `sigmoid`: 1 / (1 + exp(-x))
struct SigmoidSpec : PlainFunction {
  static constexpr std::string_view kKind = "sigmoid";
  friend bool operator==(const SigmoidSpec&, const SigmoidSpec&) = default;
};

/// `relu6`: min(max(x, 0), 6)
struct Relu6Spec : PlainFunction {
  static constexpr std::string_view kKind = "relu6";
  friend bool operator==(const Relu6Spec&, const Relu6Spec&) = default;
};

/// `hswish`: x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019)
struct HSwishSpec : PlainFunction {
  static constexpr std::string_view kKind = "hswish";
  friend bool operator==(const HSwishSpec&, const HSwishSpec&) = default;
};

/// `silu`: x * sigmoid(x) (Hendrycks & Gimpel 2016)
struct SiluSpec : PlainFunction {
  static constexpr std::string_view kKind = "silu";
  friend bool operator==(const SiluSpec&, const SiluSpec&) = default;
};

/// `leakyrelu [SLOPE]`: x where it is above zero, else SLOPE * x; SLOPE 0.01 where nothing is said.
struct LeakyReluSpec {
  static constexpr std::string_view kKind = "leakyrelu";
  static constexpr Limits<float> kSlope{-100.0f, 100.0f};

  float slope = 0.01f;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.rest_may_be_absent();
    f.number({"a slope", "the slope"}, s.slope, kSlope);
  }
  void place(Placement&) const {}
  Cost cost(const Shape&, const Shape&) const { return {.moves = true}; }
  friend bool operator==(const LeakyReluSpec&, const LeakyReluSpec&) = default;
};

/// `prelu`: the same with a slope for each channel, which is learned and starts at 0.25 (He et al. 2015).
struct PReluSpec {
  static constexpr std::string_view kKind = "prelu";
  static constexpr bool kWorksInPlace = true;
  template <typename Self, typename Fields>
  static void fields(Self&, Fields&) {}
  void place(Placement& at) const { at.add_constant("weight", {at.input()[0]}, 0.25f); }
  Cost cost(const Shape&, const Shape&) const { return {.moves = true, .backward_reads = 2}; }
  friend bool operator==(const PReluSpec&, const PReluSpec&) = default;
};

/// `dropout RATE`: RATE, 0 to 0.99, is the share set to zero while training; nothing when predicting.
struct DropoutSpec {
  static constexpr std::string_view kKind = "dropout";
  static constexpr bool kTakesAnyLayout = true;
  static constexpr bool kPassesOn = true;
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
