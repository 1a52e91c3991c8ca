// What follows from a spec: the nodes that both executors walk, the tape that trains (nn::Network) and the
// session that predicts (infer::Session).
#pragma once

#include <span>
#include <vector>

#include "mien/core/layout.hpp"
#include "mien/model/spec.hpp"

namespace mien::model {

/// A layer with everything that follows from its place in the network.
struct Node : Placement {
  static constexpr int kNetworkInput = -1;

  LayerSpec spec;
  int place = 0;                    ///< among the spec's layers
  std::vector<int> inputs;          ///< the earlier nodes whose values it reads, or kNetworkInput
  std::vector<Node> epilogue = {};  ///< layers behind it that it computes as well, in order: see fuse()
  Layout layout = Layout::channels_first, input_layout = Layout::channels_first;  ///< of its value and inputs

  /// The shape of its value: that of the last layer it computes.
  const Shape& value_shape() const { return epilogue.empty() ? output : epilogue.back().output; }
  /// The first layer of that kind in the epilogue, or null.
  template <class Kind>
  const Kind* then() const {
    for (const Node& node : epilogue) {
      if (const Kind* found = std::get_if<Kind>(&node.spec)) return found;
    }
    return nullptr;
  }
};

/// Nodes in an order in which each comes after those it reads.
struct Graph {
  Shape input;
  std::vector<Node> nodes;
  std::vector<int> outputs;  ///< whose values are the network's; Node::kNetworkInput where there are no layers

  /// Throws ArgumentError unless there is one.
  int single_output() const;
  /// The shape of a node's value for one sample, or of the network's input.
  const Shape& shape_of(int node) const {
    return node == Node::kNetworkInput ? input : nodes[static_cast<std::size_t>(node)].value_shape();
  }
};

/// Shapes, names and parameters, layer by layer. Throws ArgumentError naming the layer that does not fit, has a
/// number that the text form would not take, refers to a value that none before it has, or gives one that
/// nobody reads.
Graph plan(const ModelSpec& spec);

/// The first node whose value is neither read nor an output; kNetworkInput where there is none.
int first_unread(const Graph& graph);

/// Where a node's entry is in a list of `nodes` entries and, behind them, the network's input's.
inline std::size_t entry_of(int node, std::size_t nodes) {
  return node == Node::kNetworkInput ? nodes : static_cast<std::size_t>(node);
}

/// For each node, and behind them for the network's input, the last node that reads its value; the number of
/// nodes for an output, and the node itself (-1 for the input) where nobody reads it.
std::vector<int> last_readers(const Graph& graph);

/// Every parameter, in the order in which files and optimizers have them.
std::vector<ParameterSpec> parameters_of(const Graph& graph);

inline constexpr Index kMaxClasses = 65536;
/// Outputs of a network for classification. Throws ArgumentError for an empty spec, one that ends in an image,
/// has several outputs or more than kMaxClasses classes.
Index class_count(const ModelSpec& spec);
/// How many numbers of the network are trained.
Index weight_count(const ModelSpec& spec);

}  // namespace mien::model
