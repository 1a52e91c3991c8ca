#include <algorithm>
#include <limits>

#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <typename Test>
void for_each_length(Test test) {
  for (const LengthCase& c : length_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    test(c.n);
  }
}

TEST_CASE("relu equals the reference, in place too, for every instruction set") {
  for_each_length([](Index n) {
    const std::vector<float> x = integers(n, 1);
    const std::vector<float> dy = integers(n, 2);
    std::vector<float> y_expected(x.size()), dx_expected(x.size());
    reference::relu_forward(y_expected.data(), x.data(), n);
    reference::relu_backward(dx_expected.data(), dy.data(), y_expected.data(), n);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(n), y_in_place(x), dx(n), dx_in_place(dy);
      table.relu_forward(y.data(), x.data(), n);
      table.relu_forward(y_in_place.data(), y_in_place.data(), n);
      table.relu_backward(dx.data(), dy.data(), y_expected.data(), n);
      table.relu_backward(dx_in_place.data(), dx_in_place.data(), y_expected.data(), n);
      CHECK(difference(y, y_expected) == "");
      CHECK(difference(y_in_place, y_expected) == "");
      CHECK(difference(dx, dx_expected) == "");
      CHECK(difference(dx_in_place, dx_expected) == "");
    });
  });
}

TEST_CASE("relu keeps NaN and lets no gradient through where the output is not above zero") {
  const std::vector<float> pattern = {kNan, -kInfinity, kInfinity, -1.0f, 0.0f, -0.0f, 2.0f};
  const std::vector<float> forward = {kNan, 0.0f, kInfinity, 0.0f, 0.0f, 0.0f, 2.0f};
  const std::vector<float> backward = {0.0f, 0.0f, 5.0f, 0.0f, 0.0f, 0.0f, 5.0f};
  constexpr std::size_t kCount = 71;  // every pattern value meets every vector lane
  std::vector<float> x(kCount), y_expected(kCount), dx_expected(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    x[i] = pattern[i % 7];
    y_expected[i] = forward[i % 7];
    dx_expected[i] = backward[i % 7];
  }
  const std::vector<float> dy(kCount, 5.0f);
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> y(kCount), dx(kCount);
    table.relu_forward(y.data(), x.data(), kCount);
    table.relu_backward(dx.data(), dy.data(), y_expected.data(), kCount);
    CHECK(difference(y, y_expected) == "");
    CHECK(difference(dx, dx_expected) == "");
  });
}

TEST_CASE("sums, scalings and sums of squares equal the reference for every instruction set") {
  for_each_length([](Index n) {
    const std::vector<float> x = integers(n, 3);
    const std::vector<float> before = integers(n, 4);
    std::vector<float> sum(x.size()), scaled(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum[i] = before[i] + x[i];
      scaled[i] = before[i] * -0.5f;
    }
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> accumulated(before), factored(before);
      table.accumulate(accumulated.data(), x.data(), n);
      table.scale(factored.data(), -0.5f, n);
      CHECK(difference(accumulated, sum) == "");
      CHECK(difference(factored, scaled) == "");
      CHECK(table.sum_squares(x.data(), n) == reference::sum_squares(x.data(), n));
    });
  });
}

TEST_CASE("a sum of squares holds values whose squares overflow or vanish in float") {
  for_each_isa([](const KernelTable& table) {
    const std::vector<float> huge(5, 1e30f);
    const std::vector<float> tiny(5, 1e-30f);
    CHECK(std::abs(table.sum_squares(huge.data(), 5) / 5e60 - 1.0) < 1e-6);
    CHECK(std::abs(table.sum_squares(tiny.data(), 5) / 5e-60 - 1.0) < 1e-6);
    CHECK(table.sum_squares(huge.data(), 0) == 0.0);
  });
}

TEST_CASE("one value that is not finite is found wherever it is") {
  for_each_isa([](const KernelTable& table) {
    std::vector<float> x = integers(8200, 5);
    x[7] = std::numeric_limits<float>::max();
    x[9] = std::numeric_limits<float>::denorm_min();
    CHECK(table.all_finite(x.data(), 0));
    CHECK(table.all_finite(x.data(), 8200));
    const auto check_at = [&](std::size_t place, Index n) {
      CAPTURE(place, n);
      for (const float bad : {kNan, -kNan, kInfinity, -kInfinity}) {
        const float good = x[place];
        x[place] = bad;
        CHECK_FALSE(table.all_finite(x.data(), n));
        x[place] = good;
        CHECK(table.all_finite(x.data(), n));
      }
    };
    for (std::size_t place = 0; place < 67; ++place) check_at(place, 67);
    for (const std::size_t place :
         {std::size_t{4095}, std::size_t{4096}, std::size_t{8191}, std::size_t{8199}}) {
      check_at(place, 8200);
    }
  });
}

TEST_CASE("philox gives the first block of its published test vectors") {
  const PhiloxBlock block = philox4x32(0, 0);
  CHECK(block.word[0] == 0x6627e8d5u);
  CHECK(block.word[1] == 0xe169c58du);
  CHECK(block.word[2] == 0xbc57ac4cu);
  CHECK(block.word[3] == 0x9b00dbd8u);
}

TEST_CASE("dropout equals the reference for every instruction set, rate, key and position") {
  const std::vector<std::uint64_t> firsts = {
      0, 1, 2, 3, 4, 5, 1000003, 0xFFFFFFFFu, (std::uint64_t{1} << 34) - 7};
  for_each_length([&](Index n) {
    const std::vector<float> x = integers(n, 6, 1, 9);
    std::vector<double> expected(x.size());
    const std::vector<double> x_double = converted<double>(x);
    for (const float rate : {0.0f, 0.3f, 0.5f, 0.999f, 1e-9f}) {
      for (const std::uint64_t first : n < 300 ? firsts : std::vector<std::uint64_t>{3}) {
        CAPTURE(rate, first);
        const std::uint64_t key = 0x123456789ABCDEFu + first;
        reference::dropout(expected.data(), x_double.data(), n, rate, key, first);
        for_each_isa([&](const KernelTable& table) {
          Guarded<float> y(n);
          table.dropout(y.data(), x.data(), n, rate, key, first);
          CHECK(difference(y, expected, {0.0, 3e-7}) == "");
        });
      }
    }
  });
}

TEST_CASE("dropout keeps an element whose word is exactly at the threshold") {
  constexpr Index kCount = 4000;
  const std::vector<float> x(kCount, 1.0f);
  Index tried = 0;
  for (Index i = 0; i < kCount; ++i) {
    const std::uint32_t word = philox4x32(static_cast<std::uint64_t>(i / 4), 5).word[i % 4];
    if (word % 256 != 0) continue;  // only 24 bits fit into a rate exactly
    const float rate = static_cast<float>(word) / 4294967296.0f;
    const float above = std::nextafter(rate, 1.0f);
    CAPTURE(i, rate);
    ++tried;
    for_each_isa([&](const KernelTable& table) {
      std::vector<float> y(kCount);
      table.dropout(y.data(), x.data(), kCount, rate, 5, 0);
      CHECK(y[static_cast<std::size_t>(i)] == 1.0f / (1.0f - rate));
      table.dropout(y.data(), x.data(), kCount, above, 5, 0);
      CHECK(y[static_cast<std::size_t>(i)] == 0.0f);
    });
  }
  CHECK(tried > 5);
}

TEST_CASE("dropout in pieces is dropout of the whole and keeps the share it should") {
  constexpr Index kCount = 40000;
  const std::vector<float> x(kCount, 1.0f);
  for_each_isa([&](const KernelTable& table) {
    std::vector<float> whole(kCount);
    table.dropout(whole.data(), x.data(), kCount, 0.25f, 99, 17);
    std::vector<float> pieces(kCount);
    for (Index begin = 0, step = 1; begin < kCount; begin += step, step = step * 2 + 1) {
      const Index n = std::min(step, kCount - begin);
      table.dropout(pieces.data() + begin, x.data() + begin, n, 0.25f, 99,
                    17 + static_cast<std::uint64_t>(begin));
    }
    CHECK(difference(pieces, whole) == "");
    const auto kept = kCount - std::count(whole.begin(), whole.end(), 0.0f);
    CHECK(std::abs(static_cast<double>(kept) - 30000.0) < 5.0 * 87.0);  // five standard deviations
  });
}

}  // namespace
