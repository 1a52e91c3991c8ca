#include "mien/infer/session.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

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

}  // namespace

struct Session::State {
  std::vector<Step> steps;
  std::vector<int> outputs;
  std::vector<Shape> output_shapes;
  Index max_batch = 1;
  Index classes = 0;
  Index input_size = 0;
  float temperature = 1;
  BufferPlan plan;
  Tensor buffers;
  std::vector<std::uint8_t> argmax;
  std::vector<const float*> inputs;  // of one step

  State(const model::ModelFile& model, Index batch);
  float* value(int node) {
    return buffers.mutable_data() + plan.offsets[static_cast<std::size_t>(node)] * max_batch;
  }
  const float* value(int node, const float* x) { return node == Node::kNetworkInput ? x : value(node); }
  void run(const float* x, Index n);
  void require_classes() const;
};

Session::State::State(const model::ModelFile& model, Index batch) : max_batch(batch) {
  if (max_batch < 1) throw ArgumentError("[session] max_batch must be at least 1");
  if (!model::is_temperature(model.temperature)) {
    throw ArgumentError("[session] the temperature must be a finite number above 0");
  }
  temperature = model.temperature;
  model::Graph graph = model::plan(model.spec);
  input_size = graph.input.size();
  for (const int output : graph.outputs) output_shapes.push_back(graph.shape_of(output));
  if (output_shapes.size() == 1 && output_shapes[0].rank() == 1) classes = output_shapes[0][0];
  graph = model::fuse(std::move(graph), model::Use::predict);
  outputs = graph.outputs;
  plan = plan_buffers(graph);
  buffers = Tensor::uninitialized({max_batch, plan.size});
  Index largest_argmax = 0;
  std::size_t most_inputs = 0;
  for (const Node& node : graph.nodes) {
    steps.push_back(make_step(node, model.weights));
    largest_argmax = std::max(largest_argmax, argmax_size(node));
    most_inputs = std::max(most_inputs, node.inputs.size());
  }
  argmax.resize(static_cast<std::size_t>(max_batch * largest_argmax));
  inputs.reserve(most_inputs);
}

void Session::State::run(const float* x, Index n) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
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
  Tensor output = Tensor::uninitialized({1, model::sample_output_size(model)});
  if (model.face_grid) {
    std::vector<float*> parts;
    float* next = output.mutable_data();
    for (const Shape& shape : session.output_shapes()) {
      parts.push_back(next);
      next += shape.size();
    }
    session.outputs(parts, model.sample_input.data(), 1);
  } else {
    session.predict(output.mutable_data(), model.sample_input.data(), 1);
  }
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
