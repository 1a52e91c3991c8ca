#include "model/layouts.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "model/geometry.hpp"
#include "model/kinds.hpp"
#include "ops/ops.hpp"

namespace mien::model {
namespace {

bool converts(const Node& node) {
  const auto* conv = std::get_if<ConvSpec>(&node.spec);
  return conv != nullptr && node.then<MaxPoolSpec>() == nullptr &&
         ops::conv2d_takes_layouts(geometry_of(node, *conv));
}

bool takes_any(const Node& node) {
  const auto* lrn = std::get_if<LrnSpec>(&node.spec);
  return takes_any_layout(node.spec) ||
         (lrn != nullptr && ops::lrn_takes_layouts(node.input()[0], lrn->radius));
}

// A dense layer can copy its input to channels-first; behind a pooling that is less than what was pooled.
bool copies_pooled(const Node& node, const Graph& graph) {
  const int before = node.inputs[0];
  return std::holds_alternative<DenseSpec>(node.spec) && before != Node::kNetworkInput &&
         std::holds_alternative<MaxPoolSpec>(graph.nodes[static_cast<std::size_t>(before)].spec);
}

// Values that have to lie alike, since nodes between them neither care nor convert.
class Groups {
 public:
  explicit Groups(std::size_t values) : parent_(values), first_(values, false) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  void unite(std::size_t a, std::size_t b) {
    const std::size_t from = root(a), to = root(b);
    first_[to] = first_[to] || first_[from];
    parent_[from] = to;
  }
  void put_channels_first(std::size_t value) { first_[root(value)] = true; }
  Layout layout(std::size_t value) const {
    return first_[root(value)] ? Layout::channels_first : Layout::channels_last;
  }

 private:
  std::size_t root(std::size_t value) const {
    while (parent_[value] != value) value = parent_[value];
    return value;
  }

  std::vector<std::size_t> parent_;
  std::vector<bool> first_;
};

}  // namespace

void choose_layouts(Graph& graph) {
  const std::size_t count = graph.nodes.size();
  const auto entry = [=](int node) { return entry_of(node, count); };
  Groups groups(count + 1);
  groups.put_channels_first(entry(Node::kNetworkInput));
  for (const int output : graph.outputs) groups.put_channels_first(entry(output));
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph.nodes[i];
    if (converts(node)) continue;
    const bool any = takes_any(node);
    if (!any) groups.put_channels_first(i);
    if (copies_pooled(node, graph)) continue;
    for (const int input : node.inputs) {
      if (any) {
        groups.unite(entry(input), i);
      } else {
        groups.put_channels_first(entry(input));
      }
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    Node& node = graph.nodes[i];
    node.layout = groups.layout(i);
    node.input_layout = groups.layout(entry(node.inputs[0]));
  }
}

}  // namespace mien::model
