// Step 3: a layer, and the gradients of its parameters.
#include <algorithm>
#include <cstdio>
#include <mien/mien.hpp>
#include <vector>

#include "finite_differences.hpp"
#include "linear.hpp"
#include "tanh.hpp"

namespace {

using mien::Tensor;
using mien::autograd::Parameter;
using mien::autograd::Tape;
using mien::autograd::Variable;

Variable loss_of(tutorial::Linear& layer, const Variable& x) {
  const std::vector<std::uint8_t> labels{0, 1};
  return mien::autograd::softmax_cross_entropy(tutorial::tanh(layer.forward(x)), labels);
}

}  // namespace

int main() {
  tutorial::Linear layer("layer", 3, 2, /*seed=*/1);
  const std::vector<float> numbers{0.5f, -1.0f, 2.0f, 1.0f, 0.2f, -0.7f};
  const Tensor x = Tensor::from({2, 3}, numbers);

  Tape tape;
  tape.backward(loss_of(layer, tape.constant(x)));

  double error = 0;
  for (Parameter* parameter : layer.parameters()) {
    const auto loss_with = [&](const Tensor& values) {
      const Tensor before = parameter->value.clone();
      parameter->value.copy_from(values);
      Tape none(Tape::Recording::off);
      const double loss = double{loss_of(layer, none.constant(x)).value().data()[0]};
      parameter->value.copy_from(before);
      return loss;
    };
    const Tensor gradient = parameter->gradient.materialize();
    error = std::max(error, tutorial::largest_error(loss_with, parameter->value.clone(), gradient));
  }
  std::printf("largest error of the gradients of the layer: %.6f\n", error);
  return error < 1e-4 ? 0 : 1;
}
