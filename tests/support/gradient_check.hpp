// Gradients on the tape against finite differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "mien/autograd/ops.hpp"
#include "mien/autograd/tape.hpp"
#include "support/catch.hpp"

namespace mien::testing {

using autograd::Gradient;
using autograd::InputGradients;
using autograd::Tape;
using autograd::Variable;

// Distinct values at least 0.05 apart and away from zero, so that max-pool's winners and ReLU's kinks do not
// change within a finite difference.
inline Tensor separated(const Shape& shape, unsigned seed) {
  Tensor tensor(shape);
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float step = 2.0f / static_cast<float>(values.size());
    values[i] = (static_cast<float>(i) + 0.5f) * step - 1.0f;
    if (std::fabs(values[i]) < 0.02f) values[i] = 0.03f;
  }
  std::shuffle(values.begin(), values.end(), std::mt19937(seed));
  std::copy(values.begin(), values.end(), tensor.mutable_data());
  return tensor;
}

using Graph = std::function<Variable(Tape&, const std::vector<Variable>&)>;

// A fixed weighting of an output, so that every element's gradient matters and differs.
inline double weighted(const Tensor& y) {
  double total = 0;
  for (Index i = 0; i < y.size(); ++i)
    total += double{y.data()[i]} * std::cos(0.7 * static_cast<double>(i) + 0.3);
  return total;
}

inline double evaluate(const Graph& graph, const std::vector<Tensor>& inputs) {
  Tape tape(Tape::Recording::off);
  std::vector<Variable> variables;
  for (const Tensor& input : inputs) variables.push_back(tape.constant(input));
  return weighted(graph(tape, variables).value());
}

inline std::vector<Tensor> tape_gradients(const Graph& graph, const std::vector<Tensor>& inputs) {
  Tape tape;
  std::vector<Variable> variables;
  for (const Tensor& input : inputs) variables.push_back(tape.input(input));
  const Variable y = graph(tape, variables);
  Tensor weights(y.shape());
  for (Index i = 0; i < weights.size(); ++i) {
    weights.mutable_data()[i] = static_cast<float>(std::cos(0.7 * static_cast<double>(i) + 0.3));
  }
  const Tensor values = y.value();
  Tensor product = Tensor(Shape{});
  product.mutable_data()[0] = static_cast<float>(weighted(values));
  const Variable loss = tape.record(product, {y}, [weights](const Tensor& dy, InputGradients& gradients) {
    Tensor d = weights.clone();
    for (Index i = 0; i < d.size(); ++i) d.mutable_data()[i] *= dy.data()[0];
    gradients.add(0, Gradient::dense(d));
  });
  tape.backward(loss);
  std::vector<Tensor> gradients;
  for (const Variable& variable : variables) gradients.push_back(tape.gradient(variable).materialize());
  return gradients;
}

// The values of y and then the gradient of `loss` with respect to each input.
inline std::vector<float> values_and_gradients(Tape& tape, const Variable& y, const Variable& loss,
                                               const std::vector<Variable>& inputs) {
  tape.backward(loss);
  std::vector<float> values(y.value().values().begin(), y.value().values().end());
  for (const Variable& input : inputs) {
    const Tensor gradient = tape.gradient(input).materialize();
    values.insert(values.end(), gradient.values().begin(), gradient.values().end());
  }
  return values;
}

inline void check_gradients(const Graph& graph, std::vector<Tensor> inputs, double step = 1e-2,
                            double tolerance = 2e-3) {
  const std::vector<Tensor> gradients = tape_gradients(graph, inputs);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    REQUIRE(gradients[k].shape() == inputs[k].shape());
    for (Index i = 0; i < inputs[k].size(); ++i) {
      std::vector<Tensor> moved = inputs;
      moved[k] = inputs[k].clone();
      const float x = inputs[k].data()[i];
      moved[k].mutable_data()[i] = x + static_cast<float>(step);
      const double above = evaluate(graph, moved);
      moved[k].mutable_data()[i] = x - static_cast<float>(step);
      const double below = evaluate(graph, moved);
      const double expected = (above - below) / (2 * step);
      INFO("input " << k << ", element " << i);
      REQUIRE(std::fabs(expected - double{gradients[k].data()[i]}) <=
              tolerance * std::max(1.0, std::fabs(expected)));
    }
  }
}

}  // namespace mien::testing
