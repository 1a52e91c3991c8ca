// How the values of a network's nodes lie in memory.
#pragma once

#include "mien/model/graph.hpp"

namespace mien::model {

/// Lets values lie channels-last where that saves copies: between convolutions that compute so, through nodes
/// that work in either layout. What the network takes and gives lies channels-first.
void choose_layouts(Graph& graph);

}  // namespace mien::model
