#include "infer/buffers.hpp"

#include <algorithm>
#include <numeric>

#include "model/kinds.hpp"

namespace mien::infer {
namespace {

using model::Node;

// The values of some nodes, one after the other in the same place.
struct Buffer {
  Index size = 0;
  int first = 0, last = 0;  // the nodes that write the first value and read the last
  Index offset = 0;

  bool lives_with(const Buffer& other) const { return first <= other.last && other.first <= last; }
};

Index padded_size(const Node& node) {
  constexpr Index kFloats = 16;  // a line of the cache
  return (node.value_shape().size() + kFloats - 1) / kFloats * kFloats;
}

class Planner {
 public:
  Planner(const model::Graph& graph, std::size_t banded)
      : graph_(graph), last_readers_(model::last_readers(graph)), buffer_of_(graph.nodes.size()) {
    const std::size_t elsewhere = banded > 0 ? banded - 1 : 0;
    if (elsewhere > 0) buffers_.push_back({});  // of nothing, which all of them share
    for (std::size_t i = elsewhere; i < graph.nodes.size(); ++i) assign(i, elsewhere);
    place();
  }

  BufferPlan plan() const {
    BufferPlan plan;
    for (const std::size_t buffer : buffer_of_) plan.offsets.push_back(buffers_[buffer].offset);
    for (const Buffer& buffer : buffers_) plan.size = std::max(plan.size, buffer.offset + buffer.size);
    return plan;
  }

 private:
  void assign(std::size_t index, std::size_t elsewhere) {
    const Node& node = graph_.nodes[index];
    const int place = static_cast<int>(index);
    for (const int input : node.inputs) {
      if (!model::works_in_place(node.spec) || input == Node::kNetworkInput) continue;
      const std::size_t from = static_cast<std::size_t>(input);
      if (from < elsewhere) continue;
      if (last_readers_[from] != place || graph_.shape_of(input).size() != node.value_shape().size()) continue;
      buffer_of_[index] = buffer_of_[from];
      buffers_[buffer_of_[index]].last = last_readers_[index];
      return;
    }
    buffer_of_[index] = buffers_.size();
    buffers_.push_back({.size = padded_size(node), .first = place, .last = last_readers_[index]});
  }

  // The largest first, each as low as those it lives with allow: after Pisarchyk & Lee 2020, greedy by size.
  void place() {
    std::vector<std::size_t> order(buffers_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return buffers_[a].size != buffers_[b].size ? buffers_[a].size > buffers_[b].size : a < b;
    });
    std::vector<const Buffer*> placed;  // in the order of their offsets
    for (const std::size_t index : order) {
      Buffer& buffer = buffers_[index];
      for (const Buffer* other : placed) {
        if (!buffer.lives_with(*other)) continue;
        if (buffer.offset + buffer.size <= other->offset) break;
        buffer.offset = std::max(buffer.offset, other->offset + other->size);
      }
      const auto behind = [&](const Buffer* other) { return other->offset > buffer.offset; };
      placed.insert(std::find_if(placed.begin(), placed.end(), behind), &buffer);
    }
  }

  const model::Graph& graph_;
  std::vector<int> last_readers_;
  std::vector<Buffer> buffers_;
  std::vector<std::size_t> buffer_of_;  // of each node
};

}  // namespace

BufferPlan plan_buffers(const model::Graph& graph, std::size_t banded) {
  return Planner(graph, banded).plan();
}

}  // namespace mien::infer
