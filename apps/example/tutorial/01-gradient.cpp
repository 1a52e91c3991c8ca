// Step 1: tensors, and the tape that finds gradients.
#include <cmath>
#include <cstdio>
#include <mien/mien.hpp>
#include <vector>

int main() {
  const std::vector<float> numbers{-1.0f, 0.0f, 2.0f};
  const mien::Tensor x = mien::Tensor::from({3}, numbers);

  mien::autograd::Tape tape;
  const auto input = tape.input(x);
  const auto loss = mien::autograd::sum(mien::autograd::sigmoid(input));
  tape.backward(loss);
  const mien::Tensor gradient = tape.gradient(input).materialize();

  std::printf("loss %.4f, gradient", double{loss.value().data()[0]});
  for (const float value : gradient.values()) std::printf(" %.4f", double{value});
  std::printf("\n");

  // The derivative of the sigmoid s is s (1 - s).
  for (mien::Index i = 0; i < x.size(); ++i) {
    const float s = 1 / (1 + std::exp(-x.data()[i]));
    if (std::fabs(gradient.data()[i] - s * (1 - s)) > 1e-6f) return 1;
  }
  return 0;
}
