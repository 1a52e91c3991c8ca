// Sums, gates, joins and upsampling on every instruction set, and spread over threads.
#include <limits>

#include "kernels/kernel_table.hpp"
#include "kernels/reference_join.hpp"
#include "ops/join.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"
#include "support/thread_count_guard.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST_CASE("a sum, with ReLU or not, equals the reference, in place too, for every instruction set") {
  for (const LengthCase& c : length_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    const std::vector<float> a = integers(c.n, 1), b = integers(c.n, 2);
    for (const bool relu : {false, true}) {
      CAPTURE(relu);
      std::vector<float> expected(a.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        expected[i] = a[i] + b[i];
        if (relu && expected[i] < 0.0f) expected[i] = 0.0f;
      }
      for_each_isa([&](const KernelTable& table) {
        Guarded<float> y(c.n), in_a(a), in_b(b);
        table.join.add(y.data(), a.data(), b.data(), relu, c.n);
        table.join.add(in_a.data(), in_a.data(), b.data(), relu, c.n);
        table.join.add(in_b.data(), a.data(), in_b.data(), relu, c.n);
        CHECK(difference(y, expected) == "");
        CHECK(difference(in_a, expected) == "");
        CHECK(difference(in_b, expected) == "");
      });
    }
  }
}

TEST_CASE("NaN passes the ReLU of a sum") {
  const std::vector<float> a(71, kNan), b(71, -1.0f);
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> y(71);
    table.join.add(y.data(), a.data(), b.data(), true, 71);
    CHECK(difference(y, a) == "");
  });
}

TEST_CASE("gates equal the reference, in place too, for every instruction set") {
  for (const BatchNormCase& c : batch_norm_cases()) {
    INFO(describe(c));
    const Index planes = c.n * c.channels, count = planes * c.pixels;
    const std::vector<float> x = integers(count, 1), dy = integers(count, 2), gates = integers(planes, 3);
    std::vector<float> y_expected = x, dx_expected = x, dgates_expected = gates;
    reference::gate_forward(y_expected.data(), x.data(), gates.data(), planes, c.pixels);
    reference::gate_backward(dx_expected.data(), dgates_expected.data(), dy.data(), x.data(), gates.data(),
                             planes, c.pixels);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(count), y_in_place(x), dx(count), dx_in_place(dy), dgates(planes), alone(planes);
      table.join.gate_forward(y.data(), x.data(), gates.data(), planes, c.pixels);
      table.join.gate_forward(y_in_place.data(), y_in_place.data(), gates.data(), planes, c.pixels);
      table.join.gate_backward(dx.data(), dgates.data(), dy.data(), x.data(), gates.data(), planes, c.pixels);
      table.join.gate_backward(dx_in_place.data(), dgates.data(), dx_in_place.data(), x.data(), gates.data(),
                               planes, c.pixels);
      table.join.gate_backward(nullptr, alone.data(), dy.data(), x.data(), gates.data(), planes, c.pixels);
      CHECK(difference(y, y_expected) == "");
      CHECK(difference(y_in_place, y_expected) == "");
      CHECK(difference(dx, dx_expected) == "");
      CHECK(difference(dx_in_place, dx_expected) == "");
      CHECK(difference(dgates, dgates_expected) == "");
      CHECK(difference(alone, dgates_expected) == "");
    });
  }
}

TEST_CASE("upsampling equals the reference, both ways, for every instruction set") {
  struct Extents {
    Index planes, height, width;
  };
  for (const Extents& e : {Extents{1, 1, 1}, {2, 3, 5}, {3, 2, 17}, {1, 4, 33}, {5, 12, 12}, {2, 0, 4}}) {
    CAPTURE(e.planes, e.height, e.width);
    const Index count = e.planes * e.height * e.width;
    const std::vector<float> x = integers(count, 1), dy = integers(4 * count, 2);
    std::vector<float> y_expected = dy, dx_expected = x;
    reference::upsample2x_forward(y_expected.data(), x.data(), e.planes, e.height, e.width);
    reference::upsample2x_backward(dx_expected.data(), dy.data(), e.planes, e.height, e.width);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(4 * count), dx(count);
      table.join.upsample2x_forward(y.data(), x.data(), e.planes, e.height, e.width);
      table.join.upsample2x_backward(dx.data(), dy.data(), e.planes, e.height, e.width);
      CHECK(difference(y, y_expected) == "");
      CHECK(difference(dx, dx_expected) == "");
    });
  }
}

TEST_CASE("parts are joined image by image, and split again, but for those nobody needs") {
  const std::vector<float> a = {1, 2, 3, 4}, b = {5, 6}, c = {7, 8, 9, 10, 11, 12};
  Guarded<float> y(12), a_back(4), c_back(6);
  mien::ops::concat(y.data(), std::vector<mien::ops::ConcatPart>{{a.data(), 2}, {b.data(), 1}, {c.data(), 3}},
                    2);
  CHECK(difference(y, std::vector<float>{1, 2, 5, 7, 8, 9, 3, 4, 6, 10, 11, 12}) == "");
  mien::ops::split(std::vector<mien::ops::SplitPart>{{a_back.data(), 2}, {nullptr, 1}, {c_back.data(), 3}},
                   y.data(), 2);
  CHECK(difference(a_back, a) == "");
  CHECK(difference(c_back, c) == "");
}

TEST_CASE("joins give the same bits with any number of threads") {
  const mien::test::ThreadCountGuard guard;
  constexpr Index kImages = 5, kChannels = 70, kHeight = 14, kWidth = 18;
  constexpr Index kPlanes = kImages * kChannels, kPixels = kHeight * kWidth, kCount = kPlanes * kPixels;
  const std::vector<float> x = reals(kCount, 1), dy = reals(4 * kCount, 2), gates = reals(kPlanes, 3);
  const auto run = [&](int threads) {
    mien::set_thread_count(threads);
    std::vector<float> result(11 * kCount + kPlanes);
    float* to = result.data();
    mien::ops::add(to, x.data(), dy.data(), kCount, true);
    mien::ops::gate_forward(to + kCount, x.data(), gates.data(), kPlanes, kPixels);
    mien::ops::gate_backward(to + 2 * kCount, to + 11 * kCount, dy.data(), x.data(), gates.data(), kPlanes,
                             kPixels);
    mien::ops::upsample2x_forward(to + 3 * kCount, x.data(), kPlanes, kHeight, kWidth);
    mien::ops::upsample2x_backward(to + 7 * kCount, dy.data(), kPlanes, kHeight, kWidth);
    const mien::ops::ConcatPart parts[] = {{x.data(), kChannels * kPixels},
                                           {dy.data(), 2 * kChannels * kPixels}};
    mien::ops::concat(to + 8 * kCount, parts, kImages);
    return result;
  };
  const std::vector<float> alone = run(1);
  for (const int threads : {2, 3}) CHECK(difference(run(threads), alone) == "");
}

}  // namespace
