// Where a network branches and where its branches meet. A layer that ends in `as NAME` can be read again
// further on: the value before and the ones named are these layers' inputs.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

/// `from NAME`: goes on from an earlier value. What stands before is read by name or is an output.
struct FromSpec {
  static constexpr std::string_view kKind = "from";
  static constexpr bool kTakesAnyLayout = true;
  static constexpr bool kPassesOn = true;
  std::string value;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.value("the name of a value to go on from", s.value);
  }
  void place(Placement&) const {}
  Cost cost(const Shape&, const Shape&) const { return {}; }
  friend bool operator==(const FromSpec&, const FromSpec&) = default;
};

/// `add NAME`: the sum of two values of one shape.
struct AddSpec {
  static constexpr std::string_view kKind = "add";
  static constexpr bool kTakesAnyLayout = true;
  static constexpr bool kWorksInPlace = true;
  static constexpr bool kTakesRelu = true;
  std::string value;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.value("the name of a value to add", s.value);
  }
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true, .backward_reads = 2}; }
  friend bool operator==(const AddSpec&, const AddSpec&) = default;
};

/// `concat NAME [NAME...]`: images of one size one behind the other along their channels, or rows end to end;
/// the value before comes first.
struct ConcatSpec {
  static constexpr std::string_view kKind = "concat";
  std::vector<std::string> values;  ///< at least one

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.values("the name of a value to put behind", s.values);
  }
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true}; }
  friend bool operator==(const ConcatSpec&, const ConcatSpec&) = default;
};

/// `gate NAME`: each channel of an image times a value of its own. One of the two inputs is the image, the
/// other its C values (Hu et al. 2018, squeeze-and-excite).
struct GateSpec {
  static constexpr std::string_view kKind = "gate";
  static constexpr bool kWorksInPlace = true;
  std::string value;

  template <typename Self, typename Fields>
  static void fields(Self& s, Fields& f) {
    f.value("the name of a value to multiply with", s.value);
  }
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true, .backward_reads = 2}; }
  friend bool operator==(const GateSpec&, const GateSpec&) = default;
};

}  // namespace mien::model
