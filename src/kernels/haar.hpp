// The kernels that find faces: boosted cascades of Haar-like features. As the networks' (kernel_table.hpp) they
// take plain pointers and sizes, run on one thread, allocate and throw nothing and exist once per instruction
// set; face/ calls them.
#pragma once

#include <cstdint>

#include "kernels/index.hpp"
#include "kernels/isa.hpp"

namespace mien::kernels {

/// Nodes that a tree of a cascade has at most.
inline constexpr Index kMaxHaarNodes = 31;

/// A feature, the weighted sum of three rectangles, and what it is compared with. A rectangle is
/// i[corners[0]] - i[corners[1]] - i[corners[2]] + i[corners[3]], i being the window's place in the integrals.
struct HaarNode {
  std::int32_t corners[3][4];
  float weights[3];  ///< the third may be 0 and its corners then are not read
  float threshold;
};

/// Where a node leads when its feature is below the threshold, and where otherwise: to a later node of the tree
/// when above 0, else to leaf -link.
struct HaarLinks {
  std::int16_t below, above;
};

/// A window passes when the leaves its trees lead to sum up to the threshold.
struct HaarStage {
  Index first_tree, trees;
  Index first_node;  ///< its leaves begin at first_node + first_tree
  float threshold;
};

/// Trees one after the other, each with one leaf more than it has nodes.
struct HaarCascade {
  const HaarNode* nodes;
  const HaarLinks* links;
  const float* leaves;
  const std::int32_t* tree_sizes;
  const HaarStage* stages;
  Index stage_count;
};

/// Windows of one row. Neighbors lie next to each other in all integrals, sums modulo 2^32.
struct HaarWindows {
  static constexpr Index kReadBeyond = 16;  ///< so many values after the last window's may be read
  const std::uint32_t* integrals;           ///< the first window's place
  Index squares;                            ///< from a sum of pixels to the sum of their squares
  Index count;
  std::int32_t inner[4];  ///< corners of the rectangle whose contrast counts, of `area` < 2^15 pixels
  float area;
};

struct HaarKernels {
  // Writes the indices of the windows that pass every stage, ascending, and returns how many: `windows.count`
  // at most. As OpenCV does, a window without contrast fails without a look, and one that fails in the first
  // stage takes the next with it unseen.
  Index (*row)(std::int32_t* passed, const HaarCascade& cascade, const HaarWindows& windows);
};

/// Those for `isa`, or null when it is not available.
const HaarKernels* haar_kernels(Isa isa);

}  // namespace mien::kernels
