// How far around a place a network looks, where it slides over pictures.
#pragma once

#include "mien/model/graph.hpp"

namespace mien::model {

/// In pixels of the input, of whichever output and axis it is the most.
struct Reach {
  /// The value at row or column i of an output that has one for each `step` pixels depends on those from
  /// i * step - before to i * step + after, both included, and on no others.
  Index before = 0, after = 0;
  /// Pixels that windows of all layers move by in whole steps: in a picture whose beginning is moved by a
  /// multiple of it values are moved as well, and otherwise stay the same.
  Index period = 1;

  friend bool operator==(const Reach&, const Reach&) = default;
};

/// Throws ArgumentError, naming the layer, for a network that does not slide: whose values depend on all of
/// the picture. Edges are to be multiples of the period, as those of the graph's input are taken to be.
Reach reach_of(const Graph& graph);

}  // namespace mien::model
