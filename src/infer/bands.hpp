// The first layers of a large picture, computed for some rows at a time: what lies between them stays in a
// core's cache, where for the whole picture at once it would go to memory and back.
#pragma once

#include <vector>

#include "infer/step.hpp"

namespace mien::infer {

/// How many nodes, from the first on, are computed in bands of rows: convolutions, each of which alone reads
/// the one before it, up to the last one with a stride; none where the picture is so small that one band would
/// do.
std::size_t banded_nodes(const model::Graph& graph);

class Bands {
 public:
  Bands() = default;
  /// Of the first `count` steps.
  Bands(const std::vector<Step>& steps, std::size_t count);

  bool empty() const { return bands_.empty(); }
  /// y is the value of the last of these steps, x the network's input, for one sample. Bits are those of the
  /// steps one by one.
  void run(float* y, const float* x);

 private:
  // Rows [first, first + rows) of the last value, and the first row of the input that they need.
  struct Band {
    Index first = 0, rows = 0, first_input = 0;
    std::size_t shape = 0;
  };
  // The steps as bands of one shape need them.
  struct Layers {
    std::vector<Step> steps;
    Index input_rows = 0;
  };
  void add_band(const std::vector<Step>& steps, std::size_t count, Index first, Index rows);
  void run_band(float* y, const float* x, const Band& band);

  std::vector<Band> bands_;
  std::vector<Layers> shapes_;
  Shape input_, output_;
  Index room_ = 0;              // floats of a value in a band, the largest
  std::vector<Index> scratch_;  // floats that operations take while they run
};

}  // namespace mien::infer
