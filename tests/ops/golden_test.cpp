// mien against PyTorch: what tests/goldens/make_goldens.py computed in float64 from the same inputs. Errors are
// relative to a tensor's norm; about 1e-6 is what float32 reaches here, and the tolerances leave room for
// kernels that round more, such as Winograd's.
#include <cmath>

#include "mien/core/system.hpp"
#include "support/compare.hpp"
#include "support/goldens.hpp"

namespace {

using mien::Index;
using mien::Tensor;
using mien::autograd::CrossEntropyOptions;
using mien::autograd::Parameter;
using mien::autograd::Tape;
using mien::autograd::Variable;

using namespace mien::test;

// The parameter numbered from 1 is filled with the seed of its number.
struct Filling {
  const char* name;
  int exponent;
};
constexpr int kOnes = 1000;

void fill(const std::vector<Parameter*>& parameters, std::span<const Filling> fillings) {
  std::uint32_t seed = 0;
  for (Parameter* parameter : parameters) {
    if (!parameter->trainable) continue;
    const Filling& filling = fillings[seed++];
    REQUIRE(parameter->name == filling.name);
    if (filling.exponent == kOnes) continue;  // batch normalization begins with ones
    parameter->value.copy_from(values(parameter->value.shape(), seed, filling.exponent));
  }
  REQUIRE(seed == fillings.size());
}

// Sum, L2 norm and at most 64 elements of `at(0) .. at(size - 1)`.
template <typename At>
std::vector<double> summary(Index size, At at) {
  double sum = 0;
  double squares = 0;
  for (Index i = 0; i < size; ++i) {
    const double x = at(i);
    sum += x;
    squares += x * x;
  }
  std::vector<double> result{sum, std::sqrt(squares)};
  for (std::uint32_t j = 0; j < 64 && j < size; ++j) {
    result.push_back(
        at(size <= 64 ? Index{j} : static_cast<Index>(hash(j, 9999) % static_cast<std::uint32_t>(size))));
  }
  return result;
}

std::vector<double> summary(const Tensor& tensor) {
  return summary(tensor.size(), [&](Index i) { return double{tensor.data()[i]}; });
}

// Sum and norm of `size` values are compared in relation to the norm, the samples in relation to theirs. Errors
// of a sum may add up a little; where all values are rounded the same way, to sqrt(size) times one's error, and
// five steps leave room for eight halves of a last place.
void check_summary(const std::string& what, Index size, const std::vector<double>& actual,
                   const std::vector<double>& expected, double tolerance) {
  INFO(what);
  REQUIRE(actual.size() == expected.size());
  REQUIRE(expected[1] > 0);
  const double rounding = std::ldexp(8.0, -24) * std::sqrt(static_cast<double>(size));
  CHECK(std::abs(actual[1] - expected[1]) <= tolerance * expected[1]);
  CHECK(std::abs(actual[0] - expected[0]) <= std::max(20 * tolerance, rounding) * expected[1]);
  check_close(what + ", samples", {actual.begin() + 2, actual.end()}, {expected.begin() + 2, expected.end()},
              tolerance);
}

// ---- the paper's network ------------------------------------------------------------------------

constexpr Filling kPaper[] = {{"conv1.weight", -1},  {"conv1.bias", 0},     {"conv2.weight", -5},
                              {"conv2.bias", 0},     {"dense1.weight", -6}, {"dense1.bias", 0},
                              {"dense2.weight", -5}, {"dense2.bias", 0},    {"dense3.weight", -10},
                              {"dense3.bias", -1}};

mien::model::ModelSpec paper_without_dropout() {
  mien::model::ModelSpec spec = mien::model::paper_spec();
  for (mien::model::Layer& layer : spec.layers) {
    if (auto* dropout = std::get_if<mien::model::DropoutSpec>(&layer.spec)) dropout->rate = 0;
  }
  return spec;
}

void check_paper_steps() {
  const Goldens goldens("paper.safetensors");
  mien::nn::Network network = mien::nn::build(paper_without_dropout());
  const std::vector<Parameter*> parameters = network.parameters();
  fill(parameters, kPaper);
  mien::optim::Adam adam(parameters);

  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const std::string at = "." + std::to_string(step);
    const Evaluated e =
        forward_backward(network, values({4, 1, 48, 48}, 1000 + step, 3), labels(4, 7, 2000 + step), {}, step);
    check_close("logits" + at, doubles(e.logits), goldens["logits" + at], 1e-5);
    check_close("loss" + at, {e.loss}, goldens["loss" + at], 1e-5);
    for (const Parameter* parameter : parameters) {
      if (step > 0) break;
      const Tensor gradient = parameter->gradient.materialize();
      check_summary("gradient." + parameter->name, gradient.size(), summary(gradient),
                    goldens["gradient." + parameter->name], 2e-5);
      const double expected = goldens["gradient." + parameter->name][1];
      CHECK(std::sqrt(parameter->gradient.squared_norm()) == Approx(expected).epsilon(2e-5));
    }
    adam.step(1e-4f);
  }

  std::uint32_t seed = 0;
  const auto state = adam.state();
  for (const Parameter* parameter : parameters) {
    const Tensor& w = parameter->value;
    const int exponent = kPaper[seed++].exponent;
    const auto moved =
        summary(w.size(), [&](Index i) { return double{w.data()[i]} - double{value_at(i, seed, exponent)}; });
    // Five steps of 1e-4 are little beside weights of 2^exponent, whose last bits they are rounded to.
    // Winograd's method rounds by millionths of the largest gradient. Of a gradient that is a thousand times
    // smaller that is much, and Adam makes all steps equally long.
    const double winograd = parameter->name == "conv2.weight" ? 1.5e-2 : 0.0;
    // Without fused multiply-adds, and where gradients are summed in other orders (four lanes at a time), a
    // maximum in conv1's output may come to be another value's, which changes the way of a gradient below the
    // pooling layers alone.
    const bool below_pooling = parameter->name.starts_with("conv");
    const std::string isa = mien::active_isa();
    const double another = below_pooling && (isa == "base" || isa == "neon") ? 3e-3 : 0.0;
    check_summary("moved." + parameter->name, w.size(), moved, goldens["moved." + parameter->name],
                  4e-5 + std::ldexp(5e-4, exponent) + winograd + 3 * another);
    for (const auto& [name, tensor] : state) {
      if (name == "adam.m." + parameter->name) {
        check_summary(name, w.size(), summary(tensor), goldens["m." + parameter->name], 2e-5 + another);
      }
      if (name == "adam.v." + parameter->name) {
        check_summary(name, w.size(), summary(tensor), goldens["v." + parameter->name], 4e-5 + another);
      }
    }
  }
  CHECK(state.size() == 2 * parameters.size());
}

TEST_CASE("the paper's network takes the same five Adam steps as in PyTorch on every instruction set",
          "[golden]") {
  mien::testing::for_each_isa([](const mien::kernels::KernelTable&) { check_paper_steps(); });
}

// ---- a small network with what the paper's lacks ------------------------------------------------

constexpr const char* kSmallSpec =
    "input 2 17 16 | conv 5 3 same stride 2 nobias | batchnorm | relu | avgpool 3 2 same |"
    " conv 6 2 valid stride 2 | relu | globalpool | batchnorm 0.01 0.3 | dense 4";

constexpr Filling kSmall[] = {
    {"conv1.weight", -1},    {"batchnorm1.weight", kOnes}, {"batchnorm1.bias", -1},
    {"conv2.weight", -1},    {"conv2.bias", -1},           {"batchnorm2.weight", kOnes},
    {"batchnorm2.bias", -1}, {"dense1.weight", 0},         {"dense1.bias", -1}};

TEST_CASE("a network with batch normalization and average pooling trains as in PyTorch", "[golden]") {
  const std::string kind = GENERATE(as<std::string>(), "sgd", "adam", "adamw");
  INFO(kind);
  check_training(Goldens("small.safetensors"), kind + ".", mien::model::ModelSpec::from_text(kSmallSpec), kind,
                 {.batch = 6, .seed = 3000},
                 [](const std::vector<Parameter*>& parameters) { fill(parameters, kSmall); });
}

// ---- forms of the loss --------------------------------------------------------------------------

struct Loss {
  double value;
  std::vector<double> gradient;
};

Loss loss_of(const Tensor& logits, const std::vector<std::uint8_t>& y, const CrossEntropyOptions& options) {
  Tape tape;
  const Variable z = tape.input(logits);
  const Variable loss = mien::autograd::softmax_cross_entropy(z, y, options);
  const double value = double{loss.value().data()[0]};
  tape.backward(loss);
  return {value, doubles(tape.gradient(z).dense_values())};
}

TEST_CASE("every form of the loss has PyTorch's value and gradient", "[golden]") {
  struct Case {
    const char* name;
    CrossEntropyOptions options;
  };
  const Case c = GENERATE(
      Case{"naive_sum",
           {.reduction = CrossEntropyOptions::Reduction::sum, .form = CrossEntropyOptions::Form::naive}},
      Case{"fused_sum", {.reduction = CrossEntropyOptions::Reduction::sum}}, Case{"fused_mean", {}},
      Case{"smoothed_mean", {.label_smoothing = 0.2f}});
  const Goldens goldens("loss.safetensors");
  const std::string name = c.name;
  const Loss loss = loss_of(values({8, 7}, 6000, 4), labels(8, 7, 6001), c.options);
  check_close(name, {loss.value}, goldens[name + ".loss"], 1e-6);
  check_close(name + " gradient", loss.gradient, goldens[name + ".gradient"], 1e-6);
}

// The paper's printed formula, once a probability underflows: 0 * log(0).
TEST_CASE("the naive loss breaks where PyTorch's does and the fused one does not", "[golden]") {
  const Goldens goldens("loss.safetensors");
  const Tensor far = Tensor::from({1, 2}, std::vector<float>{0.0f, -200.0f});
  const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  for (const std::uint8_t label : {0, 1}) {
    for (const bool naive : {true, false}) {
      const std::string name = (naive ? "naive_far" : "fused_far") + std::to_string(int{label});
      INFO(name);
      const Loss loss =
          loss_of(far, {label},
                  {.reduction = CrossEntropyOptions::Reduction::sum,
                   .form = naive ? CrossEntropyOptions::Form::naive : CrossEntropyOptions::Form::fused});
      const std::vector<double> expected = goldens[name + ".gradient"];
      CHECK(same(loss.value, goldens[name + ".loss"][0]));
      REQUIRE(loss.gradient.size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) CHECK(same(loss.gradient[i], expected[i]));
      CHECK(std::isfinite(loss.value) != naive);
    }
  }
}

}  // namespace
