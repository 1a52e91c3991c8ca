// Larger images.
#pragma once

#include "mien/model/layers/layer.hpp"

namespace mien::model {

/// `upsample`: each pixel four times, so that height and width are twice what they were.
struct UpsampleSpec {
  static constexpr std::string_view kKind = "upsample";
  template <typename Self, typename Fields>
  static void fields(Self&, Fields&) {}
  void place(Placement& at) const;
  Cost cost(const Shape&, const Shape&) const { return {.moves = true}; }
  friend bool operator==(const UpsampleSpec&, const UpsampleSpec&) = default;
};

}  // namespace mien::model
