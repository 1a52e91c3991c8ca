// Activations on every instruction set, and spread over threads.
#include <limits>

#include "kernels/reference_activation.hpp"
#include "ops/activation.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"
#include "support/thread_count_guard.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kSlope = 0.25f;
// Below the smallest normal number a value may become zero; silu multiplies that by 100 at most.
constexpr Tolerance kRounding{2e-36, 1e-6};

template <typename Test>
void for_each_length(Test test) {
  for (const ActivationNames& one : kActivations) {
    for (const LengthCase& c : length_cases()) {
      if (c.size == CaseSize::huge) continue;
      INFO(one.forward << ", " << describe(c));
      test(one.activation, c.n);
    }
  }
}

// From far below zero to far above.
std::vector<float> spread(Index n, unsigned seed) {
  std::vector<float> x = reals(n, seed, 8.0f);
  for (std::size_t i = 0; i < x.size(); i += 3) x[i] *= 15.0f;
  return x;
}

TEST_CASE("activations equal the reference, in place too, for every instruction set") {
  for_each_length([](Activation activation, Index n) {
    const std::vector<float> x = spread(n, 1);
    std::vector<double> expected(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      expected[i] = reference::activation(activation, double{kSlope}, double{x[i]});
    }
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(n), in_place(x);
      table.activation.forward(activation, kSlope, y.data(), x.data(), n);
      table.activation.forward(activation, kSlope, in_place.data(), in_place.data(), n);
      CHECK(difference(y, expected, kRounding) == "");
      CHECK(difference(in_place, y.values()) == "");
    });
  });
}

TEST_CASE("activation gradients equal the reference, in place too, for every instruction set") {
  // Near one a sigmoid has lost its distance to one, and where silu's derivative is zero, all its digits.
  const Tolerance rounding{3e-7, 1e-6};
  for_each_length([&](Activation activation, Index n) {
    const std::vector<float> x = spread(n, 2), dy = reals(n, 3);
    std::vector<float> at = x;
    std::vector<double> expected(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (reads_output(activation)) {
        at[i] = static_cast<float>(reference::activation(activation, double{kSlope}, double{x[i]}));
      }
      expected[i] = double{dy[i]} * reference::activation_derivative(activation, double{kSlope}, double{x[i]});
    }
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> dx(n), in_place(dy);
      table.activation.backward(activation, kSlope, dx.data(), dy.data(), at.data(), n);
      table.activation.backward(activation, kSlope, in_place.data(), in_place.data(), at.data(), n);
      CHECK(difference(dx, expected, rounding) == "");
      CHECK(difference(in_place, dx.values()) == "");
    });
  });
}

TEST_CASE("activations of what is huge, infinite or no number") {
  const std::vector<float> pattern = {kNan,    -kInfinity, kInfinity, -3e38f, 3e38f, -100.0f, 100.0f,
                                      -1e-40f, 0.0f,       -3.0f,     3.0f,   -9e3f, 9e3f};
  const auto expect = [&](Activation activation, const std::vector<float>& values,
                          const std::vector<float>& derivatives) {
    CAPTURE(static_cast<int>(activation));
    std::vector<float> x, at, y_expected, dx_expected;
    for (std::size_t i = 0; i < 71; ++i) {  // every value meets every vector lane
      const std::size_t k = i % pattern.size();
      x.push_back(pattern[k]);
      y_expected.push_back(values[k]);
      at.push_back(reads_output(activation) ? values[k] : pattern[k]);
      dx_expected.push_back(derivatives[k]);
    }
    const std::vector<float> dy(71, 1.0f);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(71), dx(71);
      table.activation.forward(activation, kSlope, y.data(), x.data(), 71);
      CHECK(difference(y, y_expected, kRounding) == "");
      table.activation.backward(activation, kSlope, dx.data(), dy.data(), at.data(), 71);
      CHECK(difference(dx, dx_expected, {3e-7, 1e-6}) == "");
    });
  };
  const float low = 1.0f / (1.0f + std::exp(3.0f)), high = 1.0f / (1.0f + std::exp(-3.0f));
  expect(Activation::sigmoid, {kNan, 0, 1, 0, 1, 0, 1, 0.5f, 0.5f, low, high, 0, 1},
         {kNan, 0, 0, 0, 0, 0, 0, 0.25f, 0.25f, low * high, low * high, 0, 0});
  expect(Activation::relu6, {kNan, 0, 6, 0, 6, 0, 6, 0, 0, 0, 3, 0, 6},
         {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0});
  expect(Activation::hswish, {kNan, 0, kInfinity, 0, 3e38f, 0, 100, 0, 0, 0, 3, 0, 9e3f},
         {kNan, 0, 1, 0, 1, 0, 1, 0.5f, 0.5f, 0, 1, 0, 1});
  expect(Activation::silu, {kNan, 0, kInfinity, 0, 3e38f, 0, 100, 0, 0, -3 * low, 3 * high, 0, 9e3f},
         {kNan, 0, 1, 0, 1, 0, 1, 0.5f, 0.5f, low - 3 * low * high, high + 3 * low * high, 0, 1});
  expect(Activation::leaky_relu,
         {kNan, -kInfinity, kInfinity, -0.75e38f, 3e38f, -25, 100, 0, 0, -0.75f, 3, -2250, 9e3f},
         {kSlope, kSlope, 1, kSlope, 1, kSlope, 1, kSlope, kSlope, kSlope, 1, kSlope, 1});
}

TEST_CASE("activations have the same bits on every instruction set") {
  const std::vector<float> x = spread(1003, 4);
  for (const ActivationNames& one : kActivations) {
    const Activation activation = one.activation;
    CAPTURE(one.forward);
    std::vector<float> expected(x.size());
    kernel_table(plainest_isa())->activation.forward(activation, kSlope, expected.data(), x.data(), 1003);
    for_each_isa([&](const KernelTable& table) {
      std::vector<float> y(x.size());
      table.activation.forward(activation, kSlope, y.data(), x.data(), 1003);
      CHECK(difference(y, expected) == "");
    });
  }
}

TEST_CASE("prelu equals the reference, each channel with its slope, for every instruction set") {
  for (const BatchNormCase& c : batch_norm_cases()) {
    INFO(describe(c));
    const Index count = c.n * c.channels * c.pixels;
    const std::vector<float> x = integers(count, 1), dy = integers(count, 2);
    const std::vector<float> slopes = integers(c.channels, 3);
    std::vector<float> y_expected = x, dx_expected = x, dslopes_expected = slopes;
    reference::prelu_forward(y_expected.data(), x.data(), slopes.data(), c.n, c.channels, c.pixels);
    reference::prelu_backward(dx_expected.data(), dslopes_expected.data(), dy.data(), x.data(), slopes.data(),
                              c.n, c.channels, c.pixels);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(count), dx(count), dslopes(c.channels);
      for (Index channel = 0; channel < c.channels; ++channel) {
        const float slope = slopes[static_cast<std::size_t>(channel)];
        table.activation.prelu_forward(y.data(), x.data(), c.n, c.channels, c.pixels, channel, slope);
        table.activation.prelu_backward(dx.data(), dslopes.data() + channel, dy.data(), x.data(), c.n,
                                        c.channels, c.pixels, channel, slope);
      }
      CHECK(difference(y, y_expected) == "");
      CHECK(difference(dx, dx_expected) == "");
      CHECK(difference(dslopes, dslopes_expected) == "");
    });
  }
}

TEST_CASE("activations give the same bits with any number of threads") {
  const mien::test::ThreadCountGuard guard;
  constexpr Index kImages = 3, kChannels = 5, kPixels = 3001, kCount = kImages * kChannels * kPixels;
  const std::vector<float> x = spread(kCount, 5), dy = reals(kCount, 6), slopes = reals(kChannels, 7);
  const auto run = [&](int threads) {
    mien::set_thread_count(threads);
    std::vector<float> result(4 * kCount + kChannels);
    float* to = result.data();
    mien::ops::activation_forward(Activation::silu, 0.0f, to, x.data(), kCount);
    mien::ops::activation_backward(Activation::silu, 0.0f, to + kCount, dy.data(), x.data(), kCount);
    mien::ops::prelu_forward(to + 2 * kCount, x.data(), slopes.data(), kImages, kChannels, kPixels);
    mien::ops::prelu_backward(to + 3 * kCount, to + 4 * kCount, dy.data(), x.data(), slopes.data(), kImages,
                              kChannels, kPixels);
    return result;
  };
  const std::vector<float> alone = run(1);
  for (const int threads : {2, 3}) CHECK(difference(run(threads), alone) == "");
}

}  // namespace
