// Step 5: the training loop.
#include <cstdio>
#include <mien/mien.hpp>

#include "spiral_network.hpp"
#include "spirals.hpp"

int main() {
  tutorial::SpiralNetwork network(/*seed=*/1);
  mien::optim::Adam optimizer(network.parameters());

  float loss_of_last = 0;
  for (std::uint64_t step = 1; step <= 1000; ++step) {
    const tutorial::Points batch = tutorial::spirals(100, step);  // new points each time
    mien::autograd::Tape tape;
    const auto logits = network.forward(tape.constant(batch.positions));
    const auto loss = mien::autograd::softmax_cross_entropy(logits, batch.labels);
    tape.backward(loss);
    optimizer.step(/*learning_rate=*/0.01f);
    loss_of_last = loss.value().data()[0];
    if (step % 200 == 0) std::printf("step %4d  loss %.3f\n", static_cast<int>(step), double{loss_of_last});
  }

  // Points that the network has never seen, on a tape that records nothing.
  const tutorial::Points unseen = tutorial::spirals(1000, /*seed=*/0);
  mien::autograd::Tape tape(mien::autograd::Tape::Recording::off);
  const mien::Tensor logits = network.forward(tape.constant(unseen.positions)).value();
  const int right = tutorial::count_right(logits, unseen.labels);
  std::printf("%d of 1000 unseen points right\n", right);
  return loss_of_last < 0.05f && right >= 980 ? 0 : 1;
}
