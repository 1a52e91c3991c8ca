#include "mien/infer/session.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "infer/session_plan.hpp"
#include "mien/core/error.hpp"
#include "ops/ops.hpp"

namespace mien::infer {
namespace {

using model::Node;

// Sizes that a session keeps plans for, so that it may go from one to the next of a pyramid, again and again.
constexpr std::size_t kPlans = 16;

}  // namespace

struct Session::State {
  bool per_pixel = false;  // normalization, which fits one size
  Index max_batch = 1;
  float temperature = 1;
  std::vector<std::unique_ptr<SessionPlan>> plans;  // the oldest first
  SessionPlan* plan = nullptr;                      // the one at hand
  Tensor buffers;
  std::vector<std::uint8_t> argmax;
  std::vector<const float*> inputs;  // of one step

  State(const model::ModelFile& model, Index batch);
  State(const State& other);
  void resize(Index height, Index width);
  void use(SessionPlan& chosen);
  Index classes() const {
    return plan->output_shapes.size() == 1 && plan->output_shapes[0].rank() == 1 ? plan->output_shapes[0][0]
                                                                                 : 0;
  }
  float* value(int node) {
    return buffers.mutable_data() + plan->buffers.offsets[static_cast<std::size_t>(node)] * max_batch;
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
  per_pixel = model.normalization.mean.defined() || model.normalization.inv_std.defined();
  plans.reserve(kPlans);
  plans.push_back(std::make_unique<SessionPlan>(model.spec, model.weights));
  use(*plans.back());
  std::size_t most_inputs = 0;
  for (const Step& step : plan->steps) most_inputs = std::max(most_inputs, step.node.inputs.size());
  inputs.reserve(most_inputs);
}

Session::State::State(const State& other)
    : per_pixel(other.per_pixel), max_batch(other.max_batch), temperature(other.temperature) {
  plans.reserve(kPlans);
  for (const std::unique_ptr<SessionPlan>& known : other.plans) {
    plans.push_back(std::make_unique<SessionPlan>(*known));
    if (known.get() == other.plan) use(*plans.back());
  }
  inputs.reserve(other.inputs.capacity());
}

void Session::State::use(SessionPlan& chosen) {
  if (!buffers.defined() || buffers.size() < max_batch * chosen.buffers.size) {
    buffers = Tensor::uninitialized({max_batch, chosen.buffers.size});
  }
  const auto needed = static_cast<std::size_t>(max_batch * chosen.argmax_size);
  if (argmax.size() < needed) argmax.resize(needed);
  plan = &chosen;
}

void Session::State::resize(Index height, Index width) {
  const auto found = std::find_if(plans.begin(), plans.end(), [&](const std::unique_ptr<SessionPlan>& other) {
    return other->spec.height == height && other->spec.width == width;
  });
  if (found != plans.end()) return use(**found);
  if (per_pixel) {
    throw ArgumentError("[input] its normalization is that of the pixels of " +
                        plan->spec.input_shape().to_string());
  }
  auto made = std::make_unique<SessionPlan>(*plan, height, width);
  use(*made);
  if (plans.size() == kPlans) plans.erase(plans.begin());
  plans.push_back(std::move(made));
}

void Session::State::run(const float* x, Index n) {
  if (plan->banded > 0) {
    float* y = value(static_cast<int>(plan->banded) - 1);
    const Index y_size = plan->steps[plan->banded - 1].node.value_shape().size();
    for (Index i = 0; i < n; ++i) plan->bands.run(y + i * y_size, x + i * plan->input_size);
  }
  for (std::size_t i = plan->banded; i < plan->steps.size(); ++i) {
    inputs.clear();
    for (const int input : plan->steps[i].node.inputs) inputs.push_back(value(input, x));
    run_step(plan->steps[i], value(static_cast<int>(i)), inputs, argmax.data(), n);
  }
}

void Session::State::require_classes() const {
  if (classes() == 0)
    throw ArgumentError("[session] the network does not have one output of one value a class");
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

Session::Session(const Session& other) : state_(std::make_unique<State>(*other.state_)) {}
Session& Session::operator=(const Session& other) {
  state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Session::Session(Session&& other) noexcept = default;
Session& Session::operator=(Session&& other) noexcept = default;
Session::~Session() = default;

void Session::set_input_size(Index height, Index width) {
  state_->resize(height, width);
}

Index Session::class_count() const {
  return state_->classes();
}
Index Session::input_size() const {
  return state_->plan->input_size;
}
const std::vector<Shape>& Session::output_shapes() const {
  return state_->plan->output_shapes;
}
std::size_t Session::buffer_bytes() const {
  return static_cast<std::size_t>(state_->buffers.size()) * sizeof(float) + state_->argmax.size();
}

void Session::outputs(std::span<float* const> out, const float* x, Index n) {
  State& s = *state_;
  if (out.size() != s.plan->outputs.size()) {
    throw ArgumentError("[session] " + std::to_string(s.plan->outputs.size()) + " outputs, given room for " +
                        std::to_string(out.size()));
  }
  for (Index begin = 0; begin < n; begin += s.max_batch) {
    const Index count = std::min(s.max_batch, n - begin);
    const float* from = x + begin * s.plan->input_size;
    s.run(from, count);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Index size = s.plan->output_shapes[i].size();
      std::copy_n(s.value(s.plan->outputs[i], from), count * size, out[i] + begin * size);
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
  const Index size = n * s.classes();
  if (s.temperature != 1) {
    std::for_each(probabilities, probabilities + size, [&](float& logit) { logit /= s.temperature; });
  }
  ops::softmax(probabilities, probabilities, n, s.classes());
}

}  // namespace mien::infer
