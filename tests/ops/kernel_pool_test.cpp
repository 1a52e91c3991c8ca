#include <limits>

#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/layouts.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <typename Test>
void for_each_pool(Test test) {
  for (const PoolCase& c : pool_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    test(c.g);
  }
}

struct Pooled {
  std::vector<float> y;
  std::vector<std::uint8_t> argmax;
};

Pooled reference_max_pool(const std::vector<float>& x, const Pool2dGeometry& g) {
  Pooled result{std::vector<float>(static_cast<std::size_t>(output_count(g))),
                std::vector<std::uint8_t>(static_cast<std::size_t>(output_count(g)))};
  reference::max_pool2d_forward(result.y.data(), result.argmax.data(), x.data(), g);
  return result;
}

void check_max_pool(const std::vector<float>& x, const Pool2dGeometry& g) {
  const Pooled expected = reference_max_pool(x, g);
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> y(output_count(g));
    Guarded<std::uint8_t> argmax(output_count(g));
    table.max_pool2d_forward(y.data(), argmax.data(), x.data(), g);
    CHECK(difference(y, expected.y) == "");
    CHECK(difference(argmax, expected.argmax) == "");
    const std::vector<float> x_rows = channels_last(x, 1, g.planes, g.in_height * g.in_width);
    Guarded<float> y_rows(output_count(g));
    Guarded<std::uint8_t> argmax_rows(output_count(g));
    table.max_pool2d_rows_forward(y_rows.data(), argmax_rows.data(), x_rows.data(), g);
    const Index pixels = g.out_height * g.out_width;
    CHECK(difference(y_rows, channels_last(expected.y, 1, g.planes, pixels)) == "");
    CHECK(difference(argmax_rows, channels_last(expected.argmax, 1, g.planes, pixels)) == "");
  });
}

TEST_CASE("max pooling equals the reference, ties going to the first, for every instruction set") {
  for_each_pool([](const Pool2dGeometry& g) { check_max_pool(integers(input_count(g), 1), g); });
}

TEST_CASE("max pooling of negative values never takes the padding for a maximum") {
  for_each_pool([](const Pool2dGeometry& g) { check_max_pool(integers(input_count(g), 2, -9, -1), g); });
}

TEST_CASE("max pooling of minus infinity alone points at the first value") {
  for_each_pool([](const Pool2dGeometry& g) {
    check_max_pool(std::vector<float>(static_cast<std::size_t>(input_count(g)), -kInfinity), g);
  });
}

TEST_CASE("max pooling lets the first NaN of a window win") {
  for_each_pool([](const Pool2dGeometry& g) {
    std::vector<float> x = integers(input_count(g), 3);
    for (std::size_t i = 0; i < x.size(); i += 5) x[i] = kNan;
    for (std::size_t i = 3; i < x.size(); i += 7) x[i] = kInfinity;
    check_max_pool(x, g);
  });
  const std::vector<float> window = {1.0f, kInfinity, kNan, kNan};
  const Pooled result = reference_max_pool(window, {1, 2, 2, 1, 1, 2, 1, 0, 0});
  CHECK(std::isnan(result.y[0]));
  CHECK(int{result.argmax[0]} == 2);
}

TEST_CASE("max pooling backward equals the reference for every instruction set") {
  for_each_pool([](const Pool2dGeometry& g) {
    const Pooled pooled = reference_max_pool(integers(input_count(g), 4), g);
    const std::vector<float> dy = integers(output_count(g), 5);
    std::vector<float> expected(static_cast<std::size_t>(input_count(g)));
    reference::max_pool2d_backward(expected.data(), dy.data(), pooled.argmax.data(), g);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> dx(input_count(g));
      table.max_pool2d_backward(dx.data(), dy.data(), pooled.argmax.data(), g);
      CHECK(difference(dx, expected) == "");
      const Index pixels = g.out_height * g.out_width;
      Guarded<float> dx_rows(input_count(g));
      table.max_pool2d_rows_backward(dx_rows.data(), channels_last(dy, 1, g.planes, pixels).data(),
                                     channels_last(pooled.argmax, 1, g.planes, pixels).data(), g);
      CHECK(difference(dx_rows, channels_last(expected, 1, g.planes, g.in_height * g.in_width)) == "");
    });
  });
}

TEST_CASE("average pooling forward and backward equal the reference for every instruction set") {
  const Tolerance rounding{1e-6, 1e-6};
  for_each_pool([&](const Pool2dGeometry& g) {
    const std::vector<float> x = integers(input_count(g), 6);
    const std::vector<float> dy = integers(output_count(g), 7);
    std::vector<float> y_expected(static_cast<std::size_t>(output_count(g)));
    std::vector<float> dx_expected(static_cast<std::size_t>(input_count(g)));
    reference::avg_pool2d_forward(y_expected.data(), x.data(), g);
    reference::avg_pool2d_backward(dx_expected.data(), dy.data(), g);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(output_count(g));
      table.avg_pool2d_forward(y.data(), x.data(), g);
      CHECK(difference(y, y_expected) == "");  // one division of an exact sum
      Guarded<float> dx(input_count(g));
      table.avg_pool2d_backward(dx.data(), dy.data(), g);
      CHECK(difference(dx, dx_expected, rounding) == "");
    });
  });
}

TEST_CASE("global average pooling has the bits of sums from the first value to the last") {
  for (const Index planes : {1, 15, 16, 37}) {
    for (const Index pixels : {1, 9, 16, 63, 64, 145}) {
      CAPTURE(planes, pixels);
      const std::vector<float> x = reals(planes * pixels, 8, 100.0f), dy = reals(planes, 9);
      std::vector<float> y_expected = dy, dx_expected = x;
      for (Index plane = 0; plane < planes; ++plane) {
        const std::size_t first = static_cast<std::size_t>(plane * pixels), p = static_cast<std::size_t>(plane);
        double sum = 0.0;
        for (std::size_t i = 0; i < static_cast<std::size_t>(pixels); ++i) {
          sum += double{x[first + i]};
          dx_expected[first + i] = dy[p] / static_cast<float>(pixels);
        }
        y_expected[p] = static_cast<float>(sum / static_cast<double>(pixels));
      }
      for_each_isa([&](const KernelTable& table) {
        Guarded<float> y(planes), dx(planes * pixels);
        table.global_avg_pool_forward(y.data(), x.data(), planes, pixels);
        table.global_avg_pool_backward(dx.data(), dy.data(), planes, pixels);
        CHECK(difference(y, y_expected) == "");
        CHECK(difference(dx, dx_expected) == "");
      });
    }
  }
}

}  // namespace
