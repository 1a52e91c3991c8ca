// Depthwise convolution on every instruction set, and spread over threads.
#include <limits>

#include "kernels/kernel_table.hpp"
#include "kernels/reference.hpp"
#include "kernels/reference_depthwise.hpp"
#include "ops/depthwise.hpp"
#include "ops/kernels_in_use.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"
#include "support/thread_count_guard.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

template <typename Test>
void for_each_depthwise(Test test) {
  for (const DepthwiseCase& c : depthwise_cases()) {
    INFO(describe(c));
    test(c.g);
  }
}

std::vector<float> zeros(Index count) {
  return std::vector<float>(static_cast<std::size_t>(count));
}

TEST_CASE("depthwise convolution forward equals the reference for every instruction set") {
  for_each_depthwise([](const DepthwiseGeometry& g) {
    const std::vector<float> x = integers(input_count(g), 1);
    const std::vector<float> w = integers(weight_count(g), 2);
    const std::vector<float> b = integers(g.planes, 3);
    for (const bool relu : {false, true}) {
      for (const float* bias : {static_cast<const float*>(nullptr), b.data()}) {
        CAPTURE(relu, bias != nullptr);
        std::vector<float> expected = zeros(output_count(g));
        reference::depthwise_forward(expected.data(), x.data(), w.data(), bias, g);
        if (relu) reference::relu_forward(expected.data(), expected.data(), output_count(g));
        for_each_isa([&](const KernelTable& table) {
          Guarded<float> workspace(table.depthwise.workspace(g));
          Guarded<float> y(output_count(g));
          table.depthwise.forward(y.data(), x.data(), w.data(), bias, relu, g, workspace.data());
          CHECK(difference(y, expected) == "");
          CHECK(workspace.intact());
        });
      }
    }
  });
}

// The gradients of all planes of n images.
struct Gradients {
  std::vector<float> dx, dw, db;
};

Gradients reference_gradients(const std::vector<float>& dy, const std::vector<float>& x,
                              const std::vector<float>& w, Index n, const DepthwiseGeometry& g) {
  Gradients result{zeros(n * input_count(g)), zeros(weight_count(g)), zeros(g.planes)};
  for (Index i = 0; i < n; ++i) {
    const float *dy_image = dy.data() + i * output_count(g), *x_image = x.data() + i * input_count(g);
    reference::depthwise_backward_input(result.dx.data() + i * input_count(g), dy_image, w.data(), g);
    reference::depthwise_backward_weight(result.dw.data(), result.db.data(), dy_image, x_image, g);
  }
  return result;
}

TEST_CASE("depthwise convolution backward equals the reference for every instruction set") {
  for_each_depthwise([](const DepthwiseGeometry& g) {
    constexpr Index kImages = 2;
    const std::vector<float> x = integers(kImages * input_count(g), 4);
    const std::vector<float> w = integers(weight_count(g), 5);
    const std::vector<float> dy = integers(kImages * output_count(g), 6);
    const std::vector<float> output = integers(kImages * output_count(g), 7);
    std::vector<float> masked = dy;
    reference::relu_backward(masked.data(), dy.data(), output.data(), kImages * output_count(g));
    for (const bool relu : {false, true}) {
      CAPTURE(relu);
      const Gradients expected = reference_gradients(relu ? masked : dy, x, w, kImages, g);
      for_each_isa([&](const KernelTable& table) {
        Guarded<float> workspace(table.depthwise.workspace(g));
        Guarded<float> dx(kImages * input_count(g)), dw(weight_count(g)), db(g.planes), alone(weight_count(g));
        const Index taps = g.kernel * g.kernel;
        for (Index c = 0; c < g.planes; ++c) {
          const auto backward = [&](float* to_dx, float* to_dw, float* to_db) {
            table.depthwise.backward(to_dx, to_dw + c * taps, to_db, dy.data(), relu ? output.data() : nullptr,
                                     x.data(), w.data() + c * taps, kImages, c, g, workspace.data());
          };
          backward(dx.data(), dw.data(), db.data() + c);
          backward(nullptr, alone.data(), nullptr);
        }
        CHECK(difference(dx, expected.dx) == "");
        CHECK(difference(dw, expected.dw) == "");
        CHECK(difference(db, expected.db) == "");
        CHECK(difference(alone, expected.dw) == "");
        CHECK(workspace.intact());
      });
    }
  });
}

TEST_CASE("a NaN in a plane reaches the outputs whose windows hold it, and no other plane") {
  const DepthwiseGeometry g{2, 5, 6, 5, 6, 3, 1, 1, 1};
  std::vector<float> x = integers(input_count(g), 8);
  x[0] = kNan;
  const std::vector<float> w(static_cast<std::size_t>(weight_count(g)), 1.0f);
  for_each_isa([&](const KernelTable& table) {
    std::vector<float> workspace = zeros(table.depthwise.workspace(g)), y = zeros(output_count(g));
    table.depthwise.forward(y.data(), x.data(), w.data(), nullptr, true, g, workspace.data());
    for (std::size_t i = 0; i < y.size(); ++i) {
      CAPTURE(i);
      CHECK(std::isnan(y[i]) == (i == 0 || i == 1 || i == 6 || i == 7));
    }
  });
}

TEST_CASE("depthwise convolutions give the same bits with any number of threads, and are the kernel's") {
  const mien::test::ThreadCountGuard guard;
  for (const Index n : {1, 5}) {
    for (const Index stride : {1, 2}) {
      CAPTURE(n, stride);
      const Index out = (13 + stride - 1) / stride;
      const DepthwiseGeometry g{37, 13, 13, out, out, 3, stride, 1, 1};
      const std::vector<float> x = reals(n * input_count(g), 1), dy = reals(n * output_count(g), 2);
      const std::vector<float> w = reals(weight_count(g), 3), b = reals(g.planes, 4);
      const auto run = [&](int threads) {
        mien::set_thread_count(threads);
        Guarded<float> y(n * output_count(g));
        mien::ops::depthwise_forward(y.data(), x.data(), w.data(), b.data(), n, g, true);
        std::vector<float> result = y.values();
        Guarded<float> dx(n * input_count(g)), dw(weight_count(g)), db(g.planes);
        mien::ops::depthwise_backward({dx.data(), dw.data(), db.data()}, dy.data(), result.data(), x.data(),
                                      w.data(), n, g);
        for (const Guarded<float>* part : {&y, &dx, &dw, &db}) {
          CHECK(part->intact());
          const std::vector<float> values = part->values();
          result.insert(result.end(), values.begin(), values.end());
        }
        return result;
      };
      const std::vector<float> alone = run(1);
      for (const int threads : {2, 3}) CHECK(difference(run(threads), alone) == "");

      const KernelTable& kernels = mien::ops::kernels_in_use();
      std::vector<float> workspace = zeros(kernels.depthwise.workspace(g)), y = zeros(output_count(g));
      kernels.depthwise.forward(y.data(), x.data() + (n - 1) * input_count(g), w.data(), b.data(), true, g,
                                workspace.data());
      const auto last = alone.begin() + (n - 1) * output_count(g);
      CHECK(difference(std::vector<float>(last, last + output_count(g)), y) == "");
    }
  }
}

}  // namespace
