// Whole networks, most of them with branches: the gradient of every parameter against differences of the loss.
#include <algorithm>
#include <cmath>
#include <random>

#include "mien/autograd/ops.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/nn/network.hpp"
#include "support/branched.hpp"
#include "support/compare.hpp"

namespace {

using mien::Index;
using mien::Tensor;
using mien::autograd::Parameter;
using mien::autograd::Tape;
using mien::autograd::Variable;

constexpr Index kBatch = 4;
/// Nodes whose values lie channels-last, and some around them that do not.
constexpr const char* kChannelsLastSpec =
    "input 1 12 12 | conv 16 3 nobias | batchnorm | relu | conv 16 3 | relu as a | conv 16 3 nobias | batchnorm"
    " | add a | relu | maxpool 2 2 | dropout 0.2 | conv 32 5 nobias | batchnorm | silu | conv 16 3 | globalpool"
    " | dense 7";

/// Of kinks and rounding, with weights that are not near too many kinks; a way that a gradient does not go is
/// far more. The comparison with PyTorch is the sharp one.
constexpr double kTolerance = 0.01;

struct Problem {
  mien::nn::Network network;
  Tensor images;
  std::vector<std::uint8_t> labels;
};

void add_noise(Tensor& tensor, float scale, unsigned seed) {
  const std::vector<float> noise = mien::testing::reals(tensor.size(), seed, scale);
  for (std::size_t i = 0; i < noise.size(); ++i) tensor.mutable_data()[i] += noise[i];
}

Problem problem(const char* spec) {
  const auto parsed = mien::model::ModelSpec::from_text(spec);
  Problem result{mien::nn::build(parsed), Tensor({kBatch, parsed.channels, parsed.height, parsed.width}), {}};
  mien::nn::initialize(result.network, mien::nn::Scheme::he, 6);
  unsigned seed = 1;
  add_noise(result.images, 1.0f, seed);
  for (Parameter* parameter :
       result.network.parameters()) {  // biases, slopes and factors that are no constants
    if (parameter->trainable && parameter->value.shape().rank() == 1)
      add_noise(parameter->value, 0.25f, ++seed);
  }
  for (Index i = 0; i < kBatch; ++i) result.labels.push_back(static_cast<std::uint8_t>(i));
  return result;
}

Variable logits(Problem& p, Tape& tape) {
  return p.network.forward(tape, tape.constant(p.images), mien::nn::Mode::train(0, 0));
}

/// Cross-entropy of the logits in double precision, so that the loss itself is not rounded to float.
double loss(Problem& p) {
  Tape tape(Tape::Recording::off);
  const Tensor z = logits(p, tape).value();
  const Index classes = z.size() / kBatch;
  double sum = 0;
  for (Index i = 0; i < kBatch; ++i) {
    double exponentials = 0;
    const float* row = z.data() + i * classes;
    for (Index c = 0; c < classes; ++c) exponentials += std::exp(double{row[c]});
    sum += std::log(exponentials) - double{row[p.labels[static_cast<std::size_t>(i)]]};
  }
  return sum / static_cast<double>(kBatch);
}

double norm(const std::vector<double>& x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  return std::sqrt(squares);
}

/// How far the loss goes from one side of the weights to the other along the direction, beside how far the
/// gradient says, as a share of how far it could go. `change` is about what the loss changes by at most.
double error_along(Problem& p, Parameter& parameter, const std::vector<double>& gradient,
                   const std::vector<double>& direction, double change) {
  const Tensor before = parameter.value.clone();
  const double step = change / (norm(gradient) * norm(direction));
  std::vector<double> moved(gradient.size());  // as rounding lets it
  double losses[2];
  for (const int side : {0, 1}) {
    const double sign = side == 0 ? -1 : 1;
    for (std::size_t i = 0; i < moved.size(); ++i) {
      const double start = before.values()[i];
      float& value = parameter.value.mutable_data()[i];
      value = static_cast<float>(start + sign * step * direction[i]);
      moved[i] += sign * (double{value} - start);
    }
    losses[side] = loss(p);
  }
  parameter.value.copy_from(before);
  double expected = 0;
  for (std::size_t i = 0; i < moved.size(); ++i) expected += gradient[i] * moved[i];
  return std::abs(losses[1] - losses[0] - expected) / (norm(gradient) * norm(moved));
}

/// Longer steps run into kinks of ReLU and maxima that change places, shorter ones drown in rounding: one of
/// them has to agree.
double least_error(Problem& p, Parameter& parameter, const std::vector<double>& gradient,
                   const std::vector<double>& direction) {
  double least = 1;
  for (const double change : {1e-3, 3e-4, 1e-4, 3e-5, 1e-5}) {
    least = std::min(least, error_along(p, parameter, gradient, direction, change));
  }
  return least;
}

}  // namespace

TEST_CASE("gradients of networks are how the loss changes") {
  const char* spec = GENERATE(mien::test::kResnetSpec, mien::test::kMobilenetSpec, kChannelsLastSpec);
  INFO(spec);
  Problem p = problem(spec);
  Tape tape;
  tape.backward(mien::autograd::softmax_cross_entropy(logits(p, tape), p.labels));
  std::mt19937 generator(7);
  for (Parameter* parameter : p.network.parameters()) {
    if (!parameter->trainable) continue;
    INFO(parameter->name);
    const Tensor computed = parameter->gradient.materialize();
    const std::vector<double> gradient(computed.values().begin(), computed.values().end());
    REQUIRE(norm(gradient) > 0);
    std::vector<double> random(gradient.size());
    for (double& value : random) value = generator() % 2 == 0 ? 1 : -1;
    CHECK(least_error(p, *parameter, gradient, gradient) <= kTolerance);
    CHECK(least_error(p, *parameter, gradient, random) <= kTolerance);
  }
}
