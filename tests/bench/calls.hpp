// The operations of a training step, each with the time it takes and the layer it works for.
#pragma once

#include <string>
#include <vector>

#include "bench.hpp"
#include "floor.hpp"

namespace mien::bench {

struct Call {
  std::string name;
  std::vector<Index> extents;
  double median_ms = 0;
  std::string layer;  ///< empty where it cannot be told
  Pass pass = Pass::forward;
};

struct MeasuredStep {
  Timing timing;
  std::vector<Call> calls;  ///< in the order of the step
};

/// Takes training steps; each call's time is its median over them.
MeasuredStep measure_step(const Options& options);

/// Says which node of a graph fused for learning each call works for: calls of an operation come in the order
/// of its nodes or, backward, in the reverse. Calls that are not as many as the nodes stay without.
void assign_layers(std::vector<Call>& calls, const model::Graph& graph);

}  // namespace mien::bench
