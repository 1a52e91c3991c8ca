// Dense layers of whole batches against the reference.
#include "kernels/reference.hpp"
#include "ops/ops.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien;
using namespace mien::testing;
using kernels::KernelTable;

std::vector<GemmCase> dense_cases() {
  std::vector<GemmCase> cases;
  for (const GemmCase& c : gemm_cases()) {
    if (c.size != CaseSize::huge) cases.push_back(c);
  }
  cases.push_back({CaseSize::small, 3, 513, 129});  // just beyond the blocks the work is cut into
  cases.push_back({CaseSize::small, 7, 129, 257});
  for (const Index n : {0, 5}) {
    for (const Index in : {0, 9}) cases.push_back({CaseSize::small, n, 40, in});
  }
  cases.push_back({CaseSize::small, 6, 0, 9});
  return cases;
}

// Integers of the size used here are exact in bfloat16, too.
template <typename Test>
void for_each_precision(Test test) {
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    INFO((precision == Precision::f32 ? "f32" : "bf16"));
    for_each_isa([&](const KernelTable& table) { test(table, precision); });
  }
}

TEST_CASE("dense layers equal the reference for every instruction set") {
  for (const GemmCase& c : dense_cases()) {
    INFO(describe(c));
    const std::vector<float> x = integers(c.m * c.k, 1), w = integers(c.k * c.n, 2), b = integers(c.n, 3),
                             dy = integers(c.m * c.n, 4);
    std::vector<float> y_expected(dy.size()), dx_expected(x.size()), dw_expected(w.size());
    kernels::reference::gemm(false, false, c.m, c.n, c.k, x.data(), c.k, w.data(), c.n, y_expected.data(), c.n,
                             false);
    kernels::reference::gemm(false, true, c.m, c.k, c.n, dy.data(), c.n, w.data(), c.n, dx_expected.data(), c.k,
                             false);
    kernels::reference::gemm(true, false, c.k, c.n, c.m, x.data(), c.k, dy.data(), c.n, dw_expected.data(), c.n,
                             false);
    std::vector<float> with_bias = y_expected;
    for (std::size_t i = 0; i < with_bias.size(); ++i) with_bias[i] += b[i % b.size()];
    for_each_precision([&](const KernelTable&, Precision precision) {
      Guarded<float> y(c.m * c.n), y_plain(c.m * c.n), dx(c.m * c.k), dw(c.k * c.n);
      ops::dense_forward(y.data(), x.data(), w.data(), b.data(), c.m, c.k, c.n, precision);
      ops::dense_forward(y_plain.data(), x.data(), w.data(), nullptr, c.m, c.k, c.n, precision);
      ops::dense_backward_input(dx.data(), dy.data(), w.data(), c.m, c.k, c.n, precision);
      CHECK(difference(y, with_bias) == "");
      CHECK(difference(y_plain, y_expected) == "");
      CHECK(difference(dx, dx_expected) == "");
      const ops::ProductPanels panels(Tensor::from({c.m, c.k}, x), Tensor::from({c.m, c.n}, dy), precision);
      for (Index begin = 0; begin < c.k; begin += ops::ProductPanels::kRows) {
        const Index end = std::min(c.k, begin + ops::ProductPanels::kRows);
        panels.for_each_stretch(begin, end, [&](Index row, Index column, const float* values, Index count) {
          std::copy_n(values, count, dw.data() + row * c.n + column);
        });
      }
      CHECK(difference(dw, dw_expected) == "");
    });
  }
}

}  // namespace
