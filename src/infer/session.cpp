#include "mien/infer/session.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "infer/bands.hpp"
#include "infer/buffers.hpp"
#include "infer/step.hpp"
#include "mien/core/error.hpp"
#include "mien/model/fuse.hpp"
#include "ops/ops.hpp"

namespace mien::infer {
namespace {

using model::Node;

Index argmax_size(const Node& node) {
  const bool pools =
      std::holds_alternative<model::MaxPoolSpec>(node.spec) || node.then<model::MaxPoolSpec>() != nullptr;
  return pools ? node.value_shape().size() : 0;
}

struct Planned {
  model::Graph graph;                // fused
  std::vector<Shape> output_shapes;  // before that, for a flatten in the end is no node of its own then
};

Planned plan_to_predict(const model::ModelSpec& spec) {
  model::Graph graph = model::plan(spec);
  std::vector<Shape> shapes;
  for (const int output : graph.outputs) shapes.push_back(graph.shape_of(output));
  return {model::fuse(std::move(graph), model::Use::predict), std::move(shapes)};
}

// What a filter is prepared as follows from its own shape, so that any size of picture may share it.
void require_same_weights(const std::vector<Step>& steps, const model::Graph& graph) {
  const auto same = [](const Node& a, const Node& b) {
    return std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(), b.parameters.end(),
                      [](const auto& p, const auto& q) { return p.shape == q.shape; });
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Node &old = steps[i].node, &node = graph.nodes[i];
    const bool fits = same(old, node) && std::equal(old.epilogue.begin(), old.epilogue.end(),
                                                    node.epilogue.begin(), node.epilogue.end(), same);
    if (!fits) node.fail("its weights fit inputs of " + old.input().to_string() + " only");
  }
}

}  // namespace

struct Session::State {
  model::ModelSpec spec;
  bool per_pixel = false;  // normalization, which fits one size
  std::vector<Step> steps;
  std::vector<int> outputs;
  std::vector<Shape> output_shapes;
  Index max_batch = 1;
  Index classes = 0;
  Index input_size = 0;
  float temperature = 1;
  std::size_t banded = 0;  // steps that `bands` compute
  Bands bands;
  BufferPlan plan;
  Tensor buffers;
  std::vector<std::uint8_t> argmax;
  std::vector<const float*> inputs;  // of one step

  State(const model::ModelFile& model, Index batch);
  void resize(Index height, Index width);
  /// From now on the steps are the nodes of this plan, whose weights are theirs.
  void use(Planned planned);
  float* value(int node) {
    return buffers.mutable_data() + plan.offsets[static_cast<std::size_t>(node)] * max_batch;
  }
  const float* value(int node, const float* x) { return node == Node::kNetworkInput ? x : value(node); }
  void run(const float* x, Index n);
  void require_classes() const;
};

Session::State::State(const model::ModelFile& model, Index batch) : spec(model.spec), max_batch(batch) {
  if (max_batch < 1) throw ArgumentError("[session] max_batch must be at least 1");
  if (!model::is_temperature(model.temperature)) {
    throw ArgumentError("[session] the temperature must be a finite number above 0");
  }
  temperature = model.temperature;
  per_pixel = model.normalization.mean.defined() || model.normalization.inv_std.defined();
  Planned planned = plan_to_predict(spec);
  std::size_t most_inputs = 0;
  for (const Node& node : planned.graph.nodes) {
    steps.push_back(make_step(node, model.weights));
    most_inputs = std::max(most_inputs, node.inputs.size());
  }
  inputs.reserve(most_inputs);
  use(std::move(planned));
}

void Session::State::use(Planned planned) {
  model::Graph& graph = planned.graph;
  banded = banded_nodes(graph);
  plan = plan_buffers(graph, banded);
  if (!buffers.defined() || buffers.size() < max_batch * plan.size) {
    buffers = Tensor::uninitialized({max_batch, plan.size});
  }
  Index largest_argmax = 0;
  for (const Node& node : graph.nodes) largest_argmax = std::max(largest_argmax, argmax_size(node));
  const auto needed = static_cast<std::size_t>(max_batch * largest_argmax);
  if (argmax.size() < needed) argmax.resize(needed);
  input_size = graph.input.size();
  outputs = std::move(graph.outputs);
  output_shapes = std::move(planned.output_shapes);
  classes = output_shapes.size() == 1 && output_shapes[0].rank() == 1 ? output_shapes[0][0] : 0;
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].node = std::move(graph.nodes[i]);
  bands = banded > 0 ? Bands(steps, banded) : Bands();
}

void Session::State::resize(Index height, Index width) {
  if (height == spec.height && width == spec.width) return;
  if (per_pixel) {
    throw ArgumentError("[input] its normalization is that of the pixels of " + spec.input_shape().to_string());
  }
  model::ModelSpec other = spec;
  other.height = height;
  other.width = width;
  Planned planned = plan_to_predict(other);
  require_same_weights(steps, planned.graph);
  use(std::move(planned));
  spec.height = height;
  spec.width = width;
}

void Session::State::run(const float* x, Index n) {
  if (banded > 0) {
    float* y = value(static_cast<int>(banded) - 1);
    const Index y_size = steps[banded - 1].node.value_shape().size();
    for (Index i = 0; i < n; ++i) bands.run(y + i * y_size, x + i * input_size);
  }
  for (std::size_t i = banded; i < steps.size(); ++i) {
    inputs.clear();
    for (const int input : steps[i].node.inputs) inputs.push_back(value(input, x));
    run_step(steps[i], value(static_cast<int>(i)), inputs, argmax.data(), n);
  }
}

void Session::State::require_classes() const {
  if (classes == 0) throw ArgumentError("[session] the network does not have one output of one value a class");
}

namespace {

void check_sample(Session& session, const model::ModelFile& model) {
  if (!model.sample_output.defined()) return;
  // Instruction sets round differently, and so does folding; a wrong layer or weight is off by far more.
  constexpr float kTolerance = 1e-3f;
  const Tensor output = session.sample_output(model.sample_input);
  for (Index c = 0; c < output.size(); ++c) {
    if (!(std::fabs(output.data()[c] - model.sample_output.data()[c]) <= kTolerance)) {
      throw DataError(model.name + ": the weights do not give the file's sample output; class " +
                      std::to_string(c) + " is " + std::to_string(output.data()[c]) + ", expected " +
                      std::to_string(model.sample_output.data()[c]));
    }
  }
}

}  // namespace

Session::Session(const model::ModelFile& model, Index max_batch)
    : state_(std::make_unique<State>(model, max_batch)) {
  check_sample(*this, model);
}

Session::Session(Session&& other) noexcept = default;
Session& Session::operator=(Session&& other) noexcept = default;
Session::~Session() = default;

void Session::set_input_size(Index height, Index width) {
  state_->resize(height, width);
}

Index Session::class_count() const {
  return state_->classes;
}
Index Session::input_size() const {
  return state_->input_size;
}
const std::vector<Shape>& Session::output_shapes() const {
  return state_->output_shapes;
}
std::size_t Session::buffer_bytes() const {
  return static_cast<std::size_t>(state_->buffers.size()) * sizeof(float) + state_->argmax.size();
}

void Session::outputs(std::span<float* const> out, const float* x, Index n) {
  State& s = *state_;
  if (out.size() != s.outputs.size()) {
    throw ArgumentError("[session] " + std::to_string(s.outputs.size()) + " outputs, given room for " +
                        std::to_string(out.size()));
  }
  for (Index begin = 0; begin < n; begin += s.max_batch) {
    const Index count = std::min(s.max_batch, n - begin);
    const float* from = x + begin * s.input_size;
    s.run(from, count);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Index size = s.output_shapes[i].size();
      std::copy_n(s.value(s.outputs[i], from), count * size, out[i] + begin * size);
    }
  }
}

Tensor Session::sample_output(const Tensor& input) {
  Index size = 0;
  for (const Shape& shape : output_shapes()) size += shape.size();
  Tensor output = Tensor::uninitialized({1, size});
  if (class_count() > 0) {
    predict(output.mutable_data(), input.data(), 1);
    return output;
  }
  std::vector<float*> parts;
  float* next = output.mutable_data();
  for (const Shape& shape : output_shapes()) {
    parts.push_back(next);
    next += shape.size();
  }
  outputs(parts, input.data(), 1);
  return output;
}

void Session::logits(float* out, const float* x, Index n) {
  state_->require_classes();
  outputs(std::span<float* const>(&out, 1), x, n);
}

void Session::predict(float* probabilities, const float* x, Index n) {
  State& s = *state_;
  logits(probabilities, x, n);
  const Index size = n * s.classes;
  if (s.temperature != 1) {
    std::for_each(probabilities, probabilities + size, [&](float& logit) { logit /= s.temperature; });
  }
  ops::softmax(probabilities, probabilities, n, s.classes);
}

}  // namespace mien::infer
