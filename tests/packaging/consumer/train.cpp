// Two training steps on made-up tensors; writes the network to the file named.
#include <cstdio>
#include <mien/mien.hpp>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  mien::model::ModelFile model;
  model.spec = mien::model::ModelSpec::from_text("input 1 8 8 | conv 4 3 same | relu | maxpool 2 2 | dense 2");
  model.labels = {"dark", "bright"};

  // Image i has the one value of its class, 0 or 1.
  mien::Tensor images({4, 1, 8, 8});
  const std::vector<std::uint8_t> labels{0, 1, 0, 1};
  for (mien::Index i = 0; i < images.size(); ++i) images.mutable_data()[i] = i / 64 % 2 == 0 ? 0.0f : 1.0f;

  mien::nn::Network network = mien::nn::build(model.spec);
  mien::nn::initialize(network, mien::nn::Scheme::he, 1);
  mien::optim::Adam adam(network.parameters());
  float losses[2] = {};
  for (std::uint64_t step = 0; step < 2; ++step) {
    mien::autograd::Tape tape;
    const auto logits = network.forward(tape, tape.constant(images), mien::nn::Mode::train(1, step));
    const auto loss = mien::autograd::softmax_cross_entropy(logits, labels);
    losses[step] = loss.value().values()[0];
    tape.backward(loss);
    adam.step(0.01f);
  }
  for (const auto* parameter : network.parameters())
    model.weights.push_back({parameter->name, parameter->value});
  mien::model::write_model(argv[1], model);
  std::printf("mien %s: loss %.4f, then %.4f\n", mien::version().c_str(), double{losses[0]}, double{losses[1]});
  return losses[1] < losses[0] ? 0 : 1;
}
