#include <cmath>
#include <random>

#include "mien/core/error.hpp"
#include "mien/optim/adam.hpp"
#include "mien/optim/average.hpp"
#include "mien/optim/schedule.hpp"
#include "mien/optim/sgd.hpp"
#include "support/catch.hpp"

using mien::ArgumentError;
using mien::Index;
using mien::Tensor;
using mien::autograd::Gradient;
using mien::autograd::Parameter;
using namespace mien::optim;

namespace {

Tensor noise(const mien::Shape& shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> draw(-1.0f, 1.0f);
  Tensor tensor(shape);
  for (Index i = 0; i < tensor.size(); ++i) tensor.mutable_data()[i] = draw(engine);
  return tensor;
}

Parameter make(const mien::Shape& shape, unsigned seed) {
  return {.name = "w", .value = noise(shape, seed), .trainable = true, .gradient = {}};
}

}  // namespace

TEST_CASE("Adam's first steps are those of the formula") {
  Parameter w = make({1}, 1);
  Adam adam({&w});
  double value = w.value.data()[0];
  double m = 0;
  double v = 0;
  for (int t = 1; t <= 5; ++t) {
    const double g = 0.5 * t;
    w.gradient = Gradient::dense(Tensor::full({1}, static_cast<float>(g)));
    adam.step(0.01f);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    value -= 0.01 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    CHECK(w.value.data()[0] == Approx(value).epsilon(1e-6));
  }
  CHECK(adam.steps() == 5);
  CHECK(w.gradient.empty());
}

TEST_CASE("an average follows the weights at its decay, changes places with them and back") {
  using mien::optim::WeightAverage;
  Parameter w = make({1}, 1);
  w.value.fill(0);
  WeightAverage average({&w}, 0.99f);
  double expected = 0;
  for (std::uint64_t step = 1; step <= 800; ++step) {
    w.value.fill(static_cast<float>(step));
    average.update(step);
    if (step % WeightAverage::kEvery != 0 && step > WeightAverage::kEvery) continue;
    const double n = static_cast<double>(step / WeightAverage::kEvery);
    const double keep = std::min(std::pow(0.99, 8.0), (1 + n) / (10 + n));
    expected = keep * expected + (1 - keep) * static_cast<double>(step);
    // The first eight steps count one by one.
    if (step < 20) CHECK(average.values()[0].data()[0] == Approx(expected).epsilon(1e-5));
    if (step == 1) CHECK(expected == Approx(0.9));
  }
  CHECK(average.values()[0].data()[0] == Approx(expected).epsilon(1e-5));
  CHECK(expected > 650);  // lags by about a hundred steps
  {
    const mien::optim::Averaged averaged(&average);
    CHECK(w.value.data()[0] == Approx(expected).epsilon(1e-5));
  }
  CHECK(w.value.data()[0] == 800.0f);
  CHECK_THROWS_AS(WeightAverage({&w}, 1.0f), mien::ArgumentError);
}

TEST_CASE("a gradient in factors updates as the plain matrix does") {
  for (const bool use_adam : {true, false}) {
    Parameter plain = make({300, 257}, 3);
    Parameter factored = make({300, 257}, 3);
    std::unique_ptr<Optimizer> a;
    std::unique_ptr<Optimizer> b;
    if (use_adam) {
      a = std::make_unique<Adam>(std::vector{&plain}, AdamOptions{.weight_decay = 0.1f, .decoupled = true});
      b = std::make_unique<Adam>(std::vector{&factored}, AdamOptions{.weight_decay = 0.1f, .decoupled = true});
    } else {
      a = std::make_unique<Sgd>(std::vector{&plain}, SgdOptions{.momentum = 0.9f, .nesterov = true});
      b = std::make_unique<Sgd>(std::vector{&factored}, SgdOptions{.momentum = 0.9f, .nesterov = true});
    }
    for (unsigned step = 0; step < 3; ++step) {
      const Gradient product = Gradient::product(noise({20, 300}, 10 + step), noise({20, 257}, 20 + step));
      factored.gradient = product;
      plain.gradient = Gradient::dense(product.materialize());
      a->step(0.01f);
      b->step(0.01f);
    }
    double largest = 0;
    for (Index i = 0; i < plain.value.size(); ++i) {
      largest = std::max(largest, std::fabs(double{plain.value.data()[i]} - double{factored.value.data()[i]}));
    }
    // Panels of another height may be summed in another order by the matrix product.
    CHECK(largest < 1e-5);
  }
}

TEST_CASE("SGD with momentum and Nesterov follows PyTorch's form") {
  for (const bool nesterov : {false, true}) {
    Parameter w = make({1}, 1);
    Sgd sgd({&w}, {.momentum = 0.9f, .nesterov = nesterov});
    double value = w.value.data()[0];
    double u = 0;
    for (int t = 1; t <= 4; ++t) {
      const double g = 0.25 * t;
      w.gradient = Gradient::dense(Tensor::full({1}, static_cast<float>(g)));
      sgd.step(0.1f);
      u = 0.9 * u + g;
      value -= 0.1 * (nesterov ? g + 0.9 * u : u);
      CHECK(w.value.data()[0] == Approx(value).epsilon(1e-6));
    }
  }
}

TEST_CASE("weight decay reaches matrices and leaves biases alone") {
  Parameter matrix{.name = "m", .value = Tensor::full({2, 2}, 1.0f), .trainable = true, .gradient = {}};
  Parameter bias{.name = "b", .value = Tensor::full({2}, 1.0f), .trainable = true, .gradient = {}};
  Adam adam({&matrix, &bias}, {.weight_decay = 0.5f, .decoupled = true});
  matrix.gradient = Gradient::dense(Tensor(mien::Shape{2, 2}));
  bias.gradient = Gradient::dense(Tensor(mien::Shape{2}));
  adam.step(0.1f);
  CHECK(matrix.value.data()[0] == Approx(0.95f));
  CHECK(bias.value.data()[0] == 1.0f);
}

TEST_CASE("parameters that are not trained, and those without a gradient, stay") {
  Parameter fixed{.name = "s", .value = Tensor::full({2}, 1.0f), .trainable = false, .gradient = {}};
  Parameter idle = make({2}, 5);
  const float before = idle.value.data()[0];
  Adam adam({&fixed, &idle});
  fixed.gradient = Gradient::dense(Tensor::full({2}, 1.0f));
  adam.step(0.1f);
  CHECK(fixed.value.data()[0] == 1.0f);
  CHECK(idle.value.data()[0] == before);
  CHECK(adam.state().size() == 2);
  CHECK(adam.state()[0].first == "adam.m.w");
}

TEST_CASE("optimizers refuse options and gradients that make no sense") {
  Parameter w = make({2, 2}, 1);
  CHECK_THROWS_AS(Adam({&w}, {.beta1 = 1.0f}), ArgumentError);
  CHECK_THROWS_AS(Adam({&w}, {.epsilon = 0.0f}), ArgumentError);
  CHECK_THROWS_AS(Sgd({&w}, {.momentum = 0.0f, .nesterov = true}), ArgumentError);
  Adam adam({&w});
  const float before = w.value.data()[0];
  w.gradient = Gradient::dense(Tensor(mien::Shape{3}));
  CHECK_THROWS_AS(adam.step(0.1f), ArgumentError);
  CHECK(w.value.data()[0] == before);
}

TEST_CASE("two parameters of one name, whose state could not be told apart, are refused") {
  Parameter a = make({2, 2}, 1);
  Parameter b = make({2, 2}, 2);
  CHECK_THROWS_WITH(Adam({&a, &b}), "[optimizer] two parameters are named w");
}

TEST_CASE("schedules rise, fall and drop where they say") {
  const Schedule constant({.base = 0.5f, .warmup_steps = 4});
  CHECK(constant.rate(0) == 0.125f);
  CHECK(constant.rate(3) == 0.5f);
  CHECK(constant.rate(1000) == 0.5f);

  const Schedule step({.kind = ScheduleKind::step, .base = 1.0f, .steps_per_drop = 10, .factor = 0.5f});
  CHECK(step.rate(9) == 1.0f);
  CHECK(step.rate(10) == 0.5f);
  CHECK(step.rate(25) == 0.25f);

  const Schedule cosine({.kind = ScheduleKind::cosine, .base = 1.0f, .warmup_steps = 10, .total_steps = 110});
  CHECK(cosine.rate(10) == 1.0f);
  CHECK(cosine.rate(60) == Approx(0.5f));
  CHECK(cosine.rate(110) == Approx(0.0f).margin(1e-7));
  CHECK(cosine.rate(999) == Approx(0.0f).margin(1e-7));

  Schedule plateau(
      {.kind = ScheduleKind::plateau, .base = 1.0f, .factor = 0.1f, .patience = 2, .minimum = 0.05f});
  for (const double metric : {0.5, 0.6, 0.6, 0.6}) plateau.report(metric);
  CHECK(plateau.rate(7) == 1.0f);
  plateau.report(0.6);
  CHECK(plateau.rate(7) == Approx(0.1f));
  for (int i = 0; i < 3; ++i) plateau.report(0.1);
  CHECK(plateau.rate(7) == 0.05f);
}

TEST_CASE("schedules refuse what they cannot follow") {
  CHECK_THROWS_AS(Schedule({.base = -1.0f}), ArgumentError);
  CHECK_THROWS_AS(Schedule({.base = std::nanf("")}), ArgumentError);
  CHECK_THROWS_AS(Schedule({.kind = ScheduleKind::cosine, .warmup_steps = 5, .total_steps = 5}), ArgumentError);

  // A warm-up that may shrink is a tenth of the run at most, whenever its length becomes known.
  Schedule shrinking({.kind = ScheduleKind::cosine,
                      .base = 1.0f,
                      .warmup_steps = 40,
                      .warmup_shrinks = true,
                      .total_steps = 1000});
  CHECK(shrinking.rate(19) == 0.5f);
  shrinking.set_total_steps(100);
  CHECK(shrinking.rate(4) == 0.5f);
  CHECK(shrinking.rate(9) == 1.0f);
  CHECK(shrinking.rate(55) == Approx(0.5));
  shrinking.set_total_steps(5);
  CHECK(shrinking.rate(0) == 1.0f);
  CHECK(shrinking.rate(5) < 1e-6f);
  // What is not known yet is missed where it is needed.
  CHECK_THROWS_AS(Schedule({.kind = ScheduleKind::step}).rate(0), ArgumentError);
  CHECK_THROWS_AS(Schedule({.kind = ScheduleKind::cosine, .warmup_steps = 5}).rate(0), ArgumentError);
  CHECK_THROWS_AS(Schedule({.kind = ScheduleKind::plateau, .factor = 1.5f}), ArgumentError);
}
