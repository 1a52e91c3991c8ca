// A cascade as the file has it: what to compare, not yet where that lies in memory.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/haar.hpp"
#include "mien/core/shape.hpp"

namespace mien::face::detail {

/// In pixels of the window. Tilted: turned clockwise by 45 degrees about its upper corner (x, y), with edges of
/// `width` pixels going down to the right and `height` going down to the left.
struct Rectangle {
  int x = 0, y = 0, width = 0, height = 0;
  float weight = 0;
};

/// The weighted sum of the pixels in up to three rectangles; unused ones weigh nothing.
struct Feature {
  std::array<Rectangle, 3> rectangles;
  bool tilted = false;
};

/// A node of a tree compares a feature, divided by the window's contrast, with a threshold.
struct Node {
  std::int32_t feature = 0;
  float threshold = 0;
};

/// Everything is checked: windows have edges of 3 .. 128 pixels, rectangles lie in the window, features exist,
/// links lead to later nodes of the same tree or to its leaves, and thresholds are numbers.
struct Cascade {
  int width = 0, height = 0;
  bool tilted = false;  ///< whether any feature in use is
  std::vector<Feature> features;
  std::vector<Node> nodes;                ///< of all trees, one tree after the other
  std::vector<kernels::HaarLinks> links;  ///< one for each node
  std::vector<float> leaves;              ///< one more for each tree than it has nodes
  std::vector<std::int32_t> tree_sizes;   ///< nodes of each tree
  std::vector<kernels::HaarStage> stages;
};

/// Throws DataError `<source>:<line>: <what>`.
Cascade parse_cascade(std::string_view xml, std::string_view source);

}  // namespace mien::face::detail
