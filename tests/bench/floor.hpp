// The least time a training step can take on this machine.
//
// For each layer and pass, the larger of its arithmetic divided by the peak and its memory traffic divided by
// the bandwidth, the greater of those of reading and of updating. What is counted:
//
// - Convolutions of stride 1 with 3x3 or 5x5 filters and 16 channels or more on either side: the
//   multiplications of Winograd's F(4x4), 36 or 64 for 16 outputs, and nothing for its transforms. Larger
//   tiles multiply less, but lose too many digits in fp32.
// - Other convolutions: every multiplication. With fewer channels the transforms would be most of the work.
// - Dense layers: 2 * batch * in * out operations a pass, zeros that ReLU leaves included. The weights are read
//   once forward and once for the input's gradient. Their own gradient is formed within the optimizer's update
//   and never stored; Adam reads and writes a weight and its two moments once, 24 bytes.
// - Other layers: no arithmetic. A pass reads what it needs once and writes its result once.
// - Every layer's input and output come from memory, in each pass. Where a cache holds them from one layer to
//   the next, and where zeros could be skipped, a step could be faster than this floor.
// - Nothing: the gradient of the first layer's input, ReLU, dropout, flattening, the loss, a convolution's
//   weights and their update, a pooling's record of maxima.
#pragma once

#include <string>
#include <vector>

#include "mien/model/graph.hpp"
#include "peak.hpp"

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

std::vector<FloorRow> floor_of(const model::Graph& graph, const Peak& peak, Index batch);

}  // namespace mien::bench
