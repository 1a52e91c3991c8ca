// Step 6: the same by the library's own network, saved, and read by what only predicts.
#include <cstdio>
#include <mien/mien.hpp>
#include <vector>

#include "spirals.hpp"

int main() {
  // A network as text. Images are all that it takes: two channels of one pixel are a point.
  mien::model::ModelFile model;
  model.name = "spirals";
  model.spec = mien::model::ModelSpec::from_text("input 2 1 1 | dense 32 | silu | dense 32 | silu | dense 2");
  model.labels = {"first", "second"};

  constexpr std::uint64_t seed = 1;
  mien::nn::Network network = mien::nn::build(model.spec);
  mien::nn::initialize(network, mien::nn::Scheme::xavier, seed);
  mien::optim::Adam optimizer(network.parameters());
  for (std::uint64_t step = 1; step <= 1000; ++step) {
    const tutorial::Points batch = tutorial::spirals(100, step);
    mien::autograd::Tape tape;
    const auto points = tape.constant(batch.positions.reshape({100, 2, 1, 1}));
    const auto logits = network.forward(tape, points, mien::nn::Mode::train(seed, step));
    tape.backward(mien::autograd::softmax_cross_entropy(logits, batch.labels));
    optimizer.step(/*learning_rate=*/0.01f);
  }

  for (const auto* parameter : network.parameters())
    model.weights.push_back({parameter->name, parameter->value});
  mien::model::write_model("spirals.safetensors", model);

  // From here on mien::runtime is enough: no tape, no gradients.
  const tutorial::Points unseen = tutorial::spirals(1000, /*seed=*/0);
  mien::infer::Session session(mien::model::read_model("spirals.safetensors"));
  mien::Tensor probabilities({1000, session.class_count()});
  session.predict(probabilities.mutable_data(), unseen.positions.data(), 1000);
  const int right = tutorial::count_right(probabilities, unseen.labels);
  std::printf("%d of 1000 unseen points right\n", right);
  return right >= 980 ? 0 : 1;
}
