// The least time a training step in fp32 can take on this machine: with one pass after the other, and with
// passes joined.
//
// For each layer and pass, the larger of its arithmetic divided by the peak that the machine keeps up and the
// time of its memory traffic: what it only reads at the rate of reading, what it updates at the rate of
// updating. What it only writes counts as updated, since a processor reads a line before it writes into it;
// stores past the caches would spare that. What is counted:
//
// - Convolutions of stride 1 with 3x3 or 5x5 filters and 16 channels or more on either side, but for maps so
//   small that every multiplication is less: Winograd's F(4x4), of 3x3 filters F(6x6) where that is less.
//   Larger tiles multiply less, but lose too many digits in fp32. A tile of m x m outputs and an r x r filter
//   has t = m + r - 1 points along an edge: t^2 multiplications for each input and output channel. Transforms
//   take 2 t i operations for each tile and input channel (all passes' inputs, and the inputs' gradient), (t +
//   m) o for each tile and output channel (o' backward), where m, r, i, o, o' are 4, 3, 13, 10, 9 or 6, 3, 26,
//   20, 20 or 4, 5, 26, 16, 14, and (r + t) (t / 2 - 1) (r + 2) for each filter, once forward and once
//   backward.
// - Other convolutions: every multiplication. With fewer channels the transforms would be most of the work.
// - Dense layers: 2 * batch * in * out operations a pass, zeros that ReLU leaves included. The weights are read
//   once forward and once for the input's gradient. Their own gradient is formed within the optimizer's update
//   and never stored; Adam reads and writes a weight and its two moments once, 24 bytes, and takes at least
//   seven operations for it.
// - LRN over 2 r + 1 channels, powers as the kernel takes them: for each value 19 + a operations forward and 26
// + 2 a backward, where
//   a = floor(log2(2 r + 1)) + (ones in 2 r + 1 as a binary number) - 1 additions sum a window.
// - Other layers: no arithmetic. A pass reads what it needs once and writes its result once.
// - An addition or multiplication counts like a multiply-add, two operations of the peak, since it takes as
//   long. A processor that adds beside its multiply-adds could be faster.
// - Every layer's input and output come from memory, in each pass. Where a cache holds them from one layer to
//   the next, and where zeros could be skipped, a step could be faster than this floor.
// - Nothing: gradients with respect to the network's input, ReLU, dropout, flattening, the loss, weights of
//   convolutions and their update, a pooling's record of maxima.
//
// Passes are joined in two ways. A layer without products rides on the one before it: it computes what it must
// and moves nothing, but that the last rider's output takes the place of the product's. What riders need again
// backward is free. And a dense layer's update waits for the next step's forward pass, so that one sweep serves
// both: weights and moments are read and written once a step, the weights read once more for the input's
// gradient.
#pragma once

#include <string>
#include <vector>

#include "mien/model/graph.hpp"
#include "peak.hpp"

namespace mien::bench {

/// A convolution's backward pass is both gradients; a dense layer's is that of its input, its update forms the
/// other.
enum class Pass { forward, backward, update, update_forward };
const char* name_of(Pass pass);

struct FloorRow {
  std::string layer;  ///< where layers are joined, "conv1+maxpool1+lrn1"
  Pass pass = Pass::forward;
  double gflop = 0;
  double read_mb = 0;
  double update_mb = 0;  ///< reading and writing back, both counted
  double floor_ms = 0;

  double megabytes() const { return read_mb + update_mb; }
};

/// One pass after the other, in the order of the layers.
std::vector<FloorRow> floor_of(const model::Graph& graph, const Peak& peak, Index batch);
/// The same with passes joined.
std::vector<FloorRow> fused_floor_of(const model::Graph& graph, const Peak& peak, Index batch);
double total_ms(const std::vector<FloorRow>& rows);

}  // namespace mien::bench
