// Where the values between layers lie: in one block of memory, those that are needed at the same time apart.
#pragma once

#include <vector>

#include "mien/model/graph.hpp"

namespace mien::infer {

struct BufferPlan {
  std::vector<Index> offsets;  ///< of each node's value, in floats for one sample
  Index size = 0;
};

/// Values of nodes that can work in place share the buffer of an input that nobody reads afterwards. The
/// network's input is not among the buffers, nor are the values of the first `banded` nodes but the last of
/// these.
BufferPlan plan_buffers(const model::Graph& graph, std::size_t banded = 0);

}  // namespace mien::infer
