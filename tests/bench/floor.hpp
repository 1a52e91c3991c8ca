// The least time a training step can take on this machine.
//
// For each layer and pass, the larger of its arithmetic divided by the peak and its memory traffic divided by
// the bandwidth. Where an assumption was needed, it is the one that makes the floor lower:
// - the bandwidth is the greater of those of reading and of updating;
// - convolutions of stride 1 with 3x3 or 5x5 filters and 16 channels or more on either side take the
// multiplications
//   of Winograd's F(4x4), 36 or 64 for 16 outputs, and transforms cost nothing; larger tiles would multiply
//   less, but lose too many digits in fp32. With fewer channels the transforms would be most of the work:
//   there, and in all other convolutions, every multiplication counts;
// - a dense layer takes 2 * batch * in * out operations a pass, zeros that ReLU leaves included. Its weights
// are read
//   once forward and once for the input's gradient. Their own gradient is formed within the optimizer's update
//   and never stored; Adam reads and writes a weight and its two moments once, 24 bytes;
// - other layers do no arithmetic; a pass reads what it needs once and writes its result once;
// - every layer's input and output come from memory once a pass. This one raises the floor where a cache holds
// them
//   from one layer to the next;
// - the first layer computes no gradient of its input; ReLU, dropout, flattening, the loss, a convolution's
// weights
//   and their update, and a pooling's record of maxima cost nothing.
#pragma once

#include <string>
#include <vector>

#include "bench.hpp"
#include "mien/model/spec.hpp"

namespace mien::bench {

/// A convolution's backward pass is both gradients; a dense layer's is that of its input, its update forms the
/// other.
enum class Pass { forward, backward, update };
const char* name_of(Pass pass);

struct FloorRow {
  std::string layer;
  Pass pass = Pass::forward;
  double gflop = 0;
  double megabytes = 0;
  double floor_ms = 0;
};

std::vector<FloorRow> floor_of(const std::vector<model::PlannedLayer>& layers, const Peak& peak, Index batch);

}  // namespace mien::bench
