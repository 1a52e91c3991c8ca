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

// Whole numbers that are levels themselves: one of each image is the largest, 127 or 255.
std::vector<float> levels(const GemmCase& c, bool has_sign) {
  const int largest = has_sign ? 127 : 255;
  std::vector<float> x = integers(c.m * c.k, 1, has_sign ? -largest : 0, largest);
  for (Index i = 0; i < c.m; ++i)
    x[static_cast<std::size_t>(i * c.k + i % c.k)] = static_cast<float>(has_sign ? -largest : largest);
  return x;
}

void check_dense(const GemmCase& c, const std::vector<float>& x, Encoding encoding, bool scaled,
                 bool with_bias) {
  CAPTURE(static_cast<int>(encoding), scaled, with_bias);
  const std::vector<float> w = integers(c.k * c.n, 2), b = integers(c.n, 3);
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
    Guarded<float> y_packed(c.m * c.n);
    ops::dense_forward(y_packed.data(), x.data(), weight, with_bias ? b.data() : nullptr, c.m,
                       ops::pack_dense(weight));
    CHECK(difference(y_packed, expected) == "");
  });
}

TEST_CASE("dense layers with narrow weights equal the reference for every instruction set") {
  for (const GemmCase& c : {GemmCase{CaseSize::small, 1, 1, 1}, GemmCase{CaseSize::small, 1, 7, 33},
                            GemmCase{CaseSize::small, 2, 300, 600}, GemmCase{CaseSize::small, 4, 65, 129},
                            GemmCase{CaseSize::small, 5, 513, 129}, GemmCase{CaseSize::small, 9, 600, 31},
                            GemmCase{CaseSize::small, 50, 40, 300}, GemmCase{CaseSize::small, 17, 530, 700}}) {
    INFO(describe(c));
    for (const Encoding encoding : {Encoding::bf16, Encoding::int8}) {
      for (const bool scaled : {false, true}) {
        for (const bool with_bias : {false, true}) {
          for (const bool has_sign : {false, true}) {
            check_dense(c, levels(c, has_sign), encoding, scaled, with_bias);
          }
        }
      }
    }
  }
}

TEST_CASE("dense layers of many images and weights in bf16 are off by rounding alone") {
  const Index n = 9, in = 700, out = 200;
  const std::vector<float> w = integers(in * out, 2, -127, 127), x = reals(n * in, 1);
  const EncodedTensor weight = encoded(Encoding::bf16, w, {in, out}, {});
  std::vector<float> exact(static_cast<std::size_t>(n * out));
  kernels::reference::gemm(false, false, n, out, in, x.data(), in, w.data(), out, exact.data(), out, false);
  for_each_isa([&](const KernelTable&) {
    Guarded<float> y(n * out);
    ops::dense_forward(y.data(), x.data(), weight, nullptr, n);
    // A value of 1/2 in the mean is off by 1/3000 or so, weights are 73 large in the mean; five deviations.
    CHECK(difference(y, exact, {.absolute = 5 * std::sqrt(static_cast<double>(in)) * 73 / 1500}) == "");
  });
}

TEST_CASE("dense layers of bytes give the same bits for every instruction set") {
  const Index n = 9, in = 700, out = 200;
  const Tensor scale = Tensor::from({out}, reals(out, 4));
  const EncodedTensor weight = encoded(Encoding::int8, integers(in * out, 2, -127, 127), {in, out}, scale);
  const std::vector<float> b = reals(out, 3);
  for (const bool has_sign : {false, true}) {
    std::vector<float> x = reals(n * in, 1);
    // Only some images have values below zero.
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!has_sign || i % 3 == 0 || i < static_cast<std::size_t>(4 * in)) x[i] = std::abs(x[i]);
    }
    std::vector<float> exact(static_cast<std::size_t>(n * out)), first;
    const std::vector<float> w = integers(in * out, 2, -127, 127);
    kernels::reference::gemm(false, false, n, out, in, x.data(), in, w.data(), out, exact.data(), out, false);
    for (Index i = 0; i < n * out; ++i) {
      float& value = exact[static_cast<std::size_t>(i)];
      value = value * scale.data()[i % out] + b[static_cast<std::size_t>(i % out)];
    }
    for_each_isa([&](const KernelTable&) {
      Guarded<float> y(n * out);
      ops::dense_forward(y.data(), x.data(), weight, b.data(), n);
      // A product is off by 1/6 in the mean: levels are 1/127 apart, weights 127 / sqrt(3) large in the mean.
      CHECK(difference(y, exact, {.absolute = 5 * std::sqrt(static_cast<double>(in)) / 6}) == "");
      if (first.empty()) first = y.values();
      CHECK(difference(y, first) == "");
    });
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
