// A session's network for inputs of one size.
#pragma once

#include <vector>

#include "infer/bands.hpp"
#include "infer/buffers.hpp"

namespace mien::infer {

struct SessionPlan {
  model::ModelSpec spec;
  std::vector<Step> steps;
  std::size_t banded = 0;  ///< steps that `bands` compute
  Bands bands;
  BufferPlan buffers;
  Index argmax_size = 0;
  std::vector<int> outputs;
  std::vector<Shape> output_shapes;
  Index input_size = 0;

  /// Throws ArgumentError for a weight that is missing.
  SessionPlan(const model::ModelSpec& network, const std::vector<model::Weight>& weights);
  /// The same network with the same weights for another size. Throws ArgumentError, naming the layer, where
  /// weights fit one size only.
  SessionPlan(const SessionPlan& other, Index height, Index width);

 private:
  template <typename Make>
  void make_steps(Make make);
};

}  // namespace mien::infer
