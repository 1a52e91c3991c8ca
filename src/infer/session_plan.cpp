#include "infer/session_plan.hpp"

#include <algorithm>
#include <utility>

#include "mien/model/fuse.hpp"
#include "model/geometry.hpp"
#include "ops/ops.hpp"

namespace mien::infer {
namespace {

using model::Node;

Index argmax_size_of(const Node& node) {
  const bool pools =
      std::holds_alternative<model::MaxPoolSpec>(node.spec) || node.then<model::MaxPoolSpec>() != nullptr;
  return pools ? node.value_shape().size() : 0;
}

void require_same_weights(const Node& known, const Node& node) {
  const auto same = [](const Node& a, const Node& b) {
    return std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(), b.parameters.end(),
                      [](const auto& p, const auto& q) { return p.shape == q.shape; });
  };
  const bool fits = same(known, node) && std::equal(known.epilogue.begin(), known.epilogue.end(),
                                                    node.epilogue.begin(), node.epilogue.end(), same);
  if (!fits) node.fail("its weights fit inputs of " + known.input().to_string() + " only");
}

// Filters of Winograd's method are prepared for tiles whose size depends on the picture's.
void prepare_again(Step& step, const Node& known) {
  const auto* conv = std::get_if<model::ConvSpec>(&step.node.spec);
  if (conv == nullptr) return;
  const auto g = model::geometry_of(step.node, *conv);
  if (ops::prepares_alike(model::geometry_of(known, *conv), g)) return;
  step.prepared = ops::prepare_filter(step.weight.data(), g);
}

model::ModelSpec with_size(model::ModelSpec spec, Index height, Index width) {
  spec.height = height;
  spec.width = width;
  return spec;
}

}  // namespace

// make(node) gives the step of a node.
template <typename Make>
void SessionPlan::make_steps(Make make) {
  model::Graph graph = model::plan(spec);
  // Before fusing, for a flatten in the end is no node of its own then.
  for (const int output : graph.outputs) output_shapes.push_back(graph.shape_of(output));
  graph = model::fuse(std::move(graph), model::Use::predict);
  input_size = graph.input.size();
  outputs = graph.outputs;
  banded = banded_nodes(graph);
  buffers = plan_buffers(graph, banded);
  for (const Node& node : graph.nodes) {
    argmax_size = std::max(argmax_size, argmax_size_of(node));
    steps.push_back(make(node));
  }
  if (banded > 0) bands = Bands(steps, banded);
}

SessionPlan::SessionPlan(const model::ModelSpec& network, const std::vector<model::Weight>& weights)
    : spec(network) {
  make_steps([&](const Node& node) { return make_step(node, weights); });
}

SessionPlan::SessionPlan(const SessionPlan& other, Index height, Index width)
    : spec(with_size(other.spec, height, width)) {
  make_steps([&](const Node& node) {
    const Step& known = other.steps[steps.size()];
    require_same_weights(known.node, node);
    Step step = known;
    step.node = node;
    prepare_again(step, known.node);
    step.parts.reserve(node.inputs.size());
    return step;
  });
}

}  // namespace mien::infer
