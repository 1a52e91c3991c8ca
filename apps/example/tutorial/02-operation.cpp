// Step 2: an operation of one's own, and proof that its gradient is right.
#include <cstdio>
#include <mien/mien.hpp>
#include <vector>

#include "finite_differences.hpp"
#include "tanh.hpp"

namespace {

using mien::Tensor;
using mien::autograd::Tape;
using mien::autograd::Variable;

// Two rows of three values each, which the loss treats differently: an error in any element shows.
Variable loss_of(const Variable& x) {
  const std::vector<std::uint8_t> labels{0, 2};
  return mien::autograd::softmax_cross_entropy(tutorial::tanh(x), labels);
}

double loss_at(const Tensor& x) {
  Tape tape(Tape::Recording::off);
  return double{loss_of(tape.constant(x)).value().data()[0]};
}

}  // namespace

int main() {
  const std::vector<float> numbers{-2.0f, -0.5f, 0.1f, 0.3f, 1.0f, 1.5f};
  const Tensor x = Tensor::from({2, 3}, numbers);

  Tape tape;
  const Variable input = tape.input(x);
  tape.backward(loss_of(input));

  const double error = tutorial::largest_error(loss_at, x, tape.gradient(input).materialize());
  std::printf("largest error of the gradient of tanh: %.6f\n", error);
  return error < 1e-4 ? 0 : 1;
}
