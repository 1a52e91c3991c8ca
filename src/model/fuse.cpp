#include "mien/model/fuse.hpp"

#include <algorithm>
#include <utility>

#include "model/geometry.hpp"
#include "model/kinds.hpp"
#include "model/layouts.hpp"
#include "ops/ops.hpp"

namespace mien::model {
namespace {

template <class Kind>
bool is(const Node& node) {
  return std::holds_alternative<Kind>(node.spec);
}

bool only_batch_norms(const std::vector<Node>& nodes) {
  return std::all_of(nodes.begin(), nodes.end(), [](const Node& node) { return is<BatchNormSpec>(node); });
}

bool takes_max_pool(const Node& node) {
  const auto* conv = std::get_if<ConvSpec>(&node.spec);
  return conv != nullptr && node.then<MaxPoolSpec>() == nullptr && ops::conv2d_pools(geometry_of(node, *conv));
}

bool takes(const Node& node, const Node& next, Use use) {
  // Not so behind a flatten that is gone: statistics are those of pixels there, not of channels.
  if (next.input() != node.value_shape()) return false;
  if (is<BatchNormSpec>(next)) {
    return use == Use::predict && takes_batch_norm(node.spec) && only_batch_norms(node.epilogue);
  }
  if (is<ReluSpec>(next)) return takes_relu(node.spec) && node.then<MaxPoolSpec>() == nullptr;
  return is<MaxPoolSpec>(next) && takes_max_pool(node);
}

// Rebuilds a graph from some of its nodes.
class Rebuilder {
 public:
  explicit Rebuilder(Graph& from) : from_(from), new_index_(from.nodes.size()) {}

  int moved(int node) const {
    return node == Node::kNetworkInput ? node : new_index_[static_cast<std::size_t>(node)];
  }
  /// Whatever node `at` computed is `node` of the new graph's from now on.
  void replace(std::size_t at, int node) { new_index_[at] = node; }
  void keep(std::size_t at) {
    Node node = std::move(from_.nodes[at]);
    for (int& input : node.inputs) input = moved(input);
    replace(at, static_cast<int>(nodes_.size()));
    nodes_.push_back(std::move(node));
  }
  Node& operator[](int node) { return nodes_[static_cast<std::size_t>(node)]; }
  void finish() {
    for (int& output : from_.outputs) output = moved(output);
    from_.nodes = std::move(nodes_);
  }

 private:
  Graph& from_;
  std::vector<Node> nodes_;
  std::vector<int> new_index_;
};

void remove_passing(Graph& graph) {
  Rebuilder rebuilt(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (passes_on(graph.nodes[i].spec)) {
      rebuilt.replace(i, rebuilt.moved(graph.nodes[i].inputs[0]));
    } else {
      rebuilt.keep(i);
    }
  }
  rebuilt.finish();
}

std::vector<int> reader_counts(const Graph& graph) {
  std::vector<int> counts(graph.nodes.size());
  const auto count = [&](int node) {
    if (node != Node::kNetworkInput) ++counts[static_cast<std::size_t>(node)];
  };
  for (const Node& node : graph.nodes) std::for_each(node.inputs.begin(), node.inputs.end(), count);
  std::for_each(graph.outputs.begin(), graph.outputs.end(), count);
  return counts;
}

void fill_epilogues(Graph& graph, Use use) {
  const std::vector<int> readers = reader_counts(graph);
  Rebuilder rebuilt(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const int before = graph.nodes[i].inputs[0];
    const bool alone = graph.nodes[i].inputs.size() == 1 && before != Node::kNetworkInput &&
                       readers[static_cast<std::size_t>(before)] == 1;
    if (alone && takes(rebuilt[rebuilt.moved(before)], graph.nodes[i], use)) {
      rebuilt[rebuilt.moved(before)].epilogue.push_back(std::move(graph.nodes[i]));
      rebuilt.replace(i, rebuilt.moved(before));
    } else {
      rebuilt.keep(i);
    }
  }
  rebuilt.finish();
}

}  // namespace

Graph fuse(Graph graph, Use use) {
  if (use == Use::predict) remove_passing(graph);
  fill_epilogues(graph, use);
  choose_layouts(graph);
  return graph;
}

}  // namespace mien::model
