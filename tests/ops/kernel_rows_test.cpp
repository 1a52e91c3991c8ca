#include <limits>

#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

TEST_CASE("softmax and its logarithm equal the reference for every instruction set") {
  for (const RowCase& c : row_cases()) {
    INFO(describe(c));
    const Index count = c.rows * c.columns;
    const std::vector<float> x = reals(count, 1, 10.0f);
    const std::vector<double> x_double = converted<double>(x);
    std::vector<double> softmax(x.size()), log_softmax(x.size());
    reference::softmax_rows(softmax.data(), x_double.data(), c.rows, c.columns);
    reference::log_softmax_rows(log_softmax.data(), x_double.data(), c.rows, c.columns);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(count), log_y(count);
      table.softmax_rows(y.data(), x.data(), c.rows, c.columns);
      table.log_softmax_rows(log_y.data(), x.data(), c.rows, c.columns);
      CHECK(difference(y, softmax, {1e-9, 2e-6}) == "");
      CHECK(difference(log_y, log_softmax, {2e-6, 2e-7}) == "");
    });
  }
}

TEST_CASE("softmax of large values neither overflows nor vanishes, and NaN stays NaN") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {1000.0f, 1000.0f, -1000.0f, -1000.0f, -1000.0f, -1000.0f, 1.0f, kNan, 2.0f};
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> y(9), log_y(9);
    table.softmax_rows(y.data(), x.data(), 3, 3);
    table.log_softmax_rows(log_y.data(), x.data(), 3, 3);
    const float third = 1.0f / 3.0f, half_log = -std::log(2.0f), third_log = -std::log(3.0f);
    CHECK(difference(y, std::vector<float>{0.5f, 0.5f, 0.0f, third, third, third, kNan, kNan, kNan},
                     {1e-7, 0}) == "");
    const std::vector<float> log_expected = {
        half_log, half_log, -2000.0f + half_log, third_log, third_log, third_log, kNan, kNan, kNan};
    CHECK(difference(log_y, log_expected, {1e-6, 1e-7}) == "");
  });
}

TEST_CASE("column sums equal the reference for every instruction set") {
  for (const RowCase& c : row_cases()) {
    INFO(describe(c));
    const std::vector<float> x = integers(c.rows * c.columns, 2);
    std::vector<float> sums_expected(static_cast<std::size_t>(c.columns));
    reference::sum_rows(sums_expected.data(), x.data(), c.rows, c.columns);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> sums(c.columns);
      table.sum_rows(sums.data(), x.data(), c.rows, c.columns);
      CHECK(difference(sums, sums_expected) == "");
    });
  }
}

}  // namespace
