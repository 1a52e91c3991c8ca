// A network as a table for people.
#pragma once

#include <string>

#include "mien/model/fuse.hpp"
#include "mien/model/graph.hpp"

namespace mien::model {

/// What an image costs in a layer with weights, as the formula has it; 0 for others. Kernels may get by with
/// fewer.
Index multiply_adds(const Node& node);

/// Of a network, for one image.
struct Footprint {
  Index weights = 0;  ///< that are trained
  double multiply_adds = 0;
  double values = 0;  ///< that its layers give, all of them together, as they are fused for that use
};
/// The footprint of a network when it learns or predicts.
Footprint footprint(const ModelSpec& spec, Use use);

/// "61.6 M", "27 k": a count for people.
std::string rounded_count(double count);
/// "246 MB": 1 MB is a million bytes.
std::string bytes_text(double bytes);

/// A line a layer: name, spec, output shape, weights, multiply-adds; then the sums, and the bytes that weights
/// and values take in fp32. Ends with a line break.
std::string describe(const ModelSpec& spec);

}  // namespace mien::model
