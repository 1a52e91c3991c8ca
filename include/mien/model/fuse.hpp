// The one optimizer of networks: which layers are computed together, and how their values lie in memory.
#pragma once

#include "mien/model/graph.hpp"

namespace mien::model {

/// What the network is to do.
enum class Use { learn, predict };

/// The same network in fewer nodes. A node takes layers into its epilogue that alone read its value:
/// - conv, dwconv: relu; then maxpool, where the convolution is one that pools while its output is in cache
/// - batchnorm, add: relu
/// - when predicting: conv, dwconv and dense take batchnorm, whose statistics are constants then
/// and when predicting, layers that only pass their input on (dropout, flatten, from) are gone.
/// Values between convolutions that compute channels-last lie so, too, where nodes between them can work with
/// that. What a fused node computes is what its layers compute one by one, bit for bit, but for batchnorm,
/// which rounds otherwise inside of weights and, when learning, channels-last, where dropout drops other
/// values, too.
Graph fuse(Graph graph, Use use);

}  // namespace mien::model
