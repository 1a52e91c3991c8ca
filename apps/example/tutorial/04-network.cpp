// Step 4: a network that has learned nothing yet.
#include <cmath>
#include <cstdio>
#include <mien/mien.hpp>

#include "spiral_network.hpp"
#include "spirals.hpp"

int main() {
  tutorial::SpiralNetwork network(/*seed=*/1);
  const tutorial::Points points = tutorial::spirals(1000, /*seed=*/1);

  mien::autograd::Tape tape;
  const auto logits = network.forward(tape.constant(points.positions));
  const auto loss = mien::autograd::softmax_cross_entropy(logits, points.labels);
  tape.backward(loss);

  mien::Index weights = 0;
  for (const auto* parameter : network.parameters()) {
    weights += parameter->value.size();
    if (parameter->gradient.empty()) return 1;  // every parameter takes part
  }
  std::printf("%d weights, logits %s, loss %.2f\n", static_cast<int>(weights),
              logits.shape().to_string().c_str(), double{loss.value().data()[0]});

  // Guessing costs ln 2 = 0.69 where there are two classes.
  if (std::fabs(loss.value().data()[0] - 0.69f) > 0.3f) return 1;

  // What does not fit is refused, with the place and both shapes.
  try {
    (void)network.forward(tape.constant(mien::Tensor({1, 3})));
  } catch (const mien::ArgumentError& error) {
    std::printf("%s\n", error.what());
    return 0;
  }
  return 1;
}
