// Dense layers with weights in bf16 and int8 against the reference.
#include "kernels/reference.hpp"
#include "ops/ops.hpp"
#include "support/compare.hpp"
#include "support/halves.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien;
using namespace mien::testing;
using kernels::KernelTable;

template <typename Value>
std::shared_ptr<const void> shared(std::vector<Value> values) {
  auto owner = std::make_shared<std::vector<Value>>(std::move(values));
  return {owner, owner->data()};
}

EncodedTensor encoded(Encoding encoding, const std::vector<float>& w, const Shape& shape, const Tensor& scale) {
  if (encoding == Encoding::int8) {
    return {encoding, shape, shared(std::vector<std::int8_t>(w.begin(), w.end())), scale};
  }
  return {encoding, shape, shared(upper_halves(w)), scale};
}

void check_dense(const GemmCase& c, Encoding encoding, bool scaled, bool with_bias) {
  CAPTURE(static_cast<int>(encoding), scaled, with_bias);
  const std::vector<float> x = integers(c.m * c.k, 1), w = integers(c.k * c.n, 2), b = integers(c.n, 3);
  const Tensor scale = scaled ? Tensor::from({c.n}, integers(c.n, 4)) : Tensor();
  std::vector<float> expected(static_cast<std::size_t>(c.m * c.n));
  kernels::reference::gemm(false, false, c.m, c.n, c.k, x.data(), c.k, w.data(), c.n, expected.data(), c.n,
                           false);
  for (Index i = 0; i < c.m * c.n; ++i) {
    float& value = expected[static_cast<std::size_t>(i)];
    if (scaled) value *= scale.data()[i % c.n];
    if (with_bias) value += b[static_cast<std::size_t>(i % c.n)];
  }
  const EncodedTensor weight = encoded(encoding, w, {c.k, c.n}, scale);
  for_each_isa([&](const KernelTable&) {
    Guarded<float> y(c.m * c.n);
    ops::dense_forward(y.data(), x.data(), weight, with_bias ? b.data() : nullptr, c.m);
    CHECK(difference(y, expected) == "");
  });
}

TEST_CASE("dense layers with narrow weights equal the reference for every instruction set") {
  for (const GemmCase& c : {GemmCase{CaseSize::small, 1, 1, 1}, GemmCase{CaseSize::small, 1, 7, 33},
                            GemmCase{CaseSize::small, 2, 300, 600}, GemmCase{CaseSize::small, 4, 65, 129},
                            GemmCase{CaseSize::small, 5, 513, 129}, GemmCase{CaseSize::small, 50, 40, 300}}) {
    INFO(describe(c));
    for (const Encoding encoding : {Encoding::bf16, Encoding::int8}) {
      for (const bool scaled : {false, true}) {
        for (const bool with_bias : {false, true}) check_dense(c, encoding, scaled, with_bias);
      }
    }
  }
}

TEST_CASE("rows of the weights that meet zeros alone are not read") {
  const std::vector<float> x = {0, 2, 0, 0, -1, 0};  // two images
  std::vector<float> w(3 * 20, 1.0f);
  for (std::size_t i = 0; i < 20; ++i) w[40 + i] = std::nanf("");
  std::vector<float> y(40);
  ops::dense_forward(y.data(), x.data(), w.data(), nullptr, 2, 3, 20);
  for (std::size_t i = 0; i < 40; ++i) CHECK(y[i] == (i < 20 ? 2.0f : -1.0f));
}

}  // namespace
