// Products of packed matrices, and what is built on them.
#include <cmath>
#include <cstring>

#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/halves.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

// Integers of the size used here are exact in bfloat16, too.
template <typename Test>
void for_each_product(Test test) {
  for_each_isa([&](const KernelTable& table) {
    {
      INFO("f32");
      test(table, table.f32);
    }
    INFO("bf16");
    test(table, table.bf16);
  });
}

struct Packed {
  Guarded<float> left, right;

  Packed(const ProductKernels& products, const GemmCase& c, bool transpose_a, bool transpose_b,
         const std::vector<float>& a, Index lda, const std::vector<float>& b, Index ldb)
      : left(products.packed_left_size(c.m, c.k)), right(products.packed_right_size(c.k, c.n)) {
    products.pack_left(left.data(), a.data(), lda, transpose_a, c.m, c.k);
    products.pack_right(right.data(), b.data(), ldb, transpose_b, c.k, c.n);
    CHECK(left.intact());
    CHECK(right.intact());
  }
};

// Of numbers between 0 and 1.
std::vector<std::uint16_t> halves(Index n, std::uint32_t seed) {
  std::vector<float> values = reals(n, seed);
  for (float& value : values) value = std::abs(value);
  return upper_halves(values);
}

void check_product(const ProductKernels& products, const GemmCase& c, bool transpose_a, bool transpose_b,
                   bool add) {
  CAPTURE(transpose_a, transpose_b, add);
  const Index lda = (transpose_a ? c.m : c.k) + 2;
  const Index ldb = (transpose_b ? c.k : c.n) + 1;
  const Index ldc = c.n + 3;
  const std::vector<float> a = integers((transpose_a ? c.k : c.m) * lda, 1);
  const std::vector<float> b = integers((transpose_b ? c.n : c.k) * ldb, 2);
  std::vector<float> expected = integers(c.m * ldc, 3);
  Packed packed(products, c, transpose_a, transpose_b, a, lda, b, ldb);
  for (const bool fetch : {false, true}) {
    Guarded<float> actual(integers(c.m * ldc, 3));
    const Ahead ahead{b.data(), 32, ldb};
    products.packed_product(actual.data(), ldc, packed.left.data(), packed.right.data(), c.m, c.n, c.k, add,
                            fetch ? &ahead : nullptr);
    std::vector<float> wanted = expected;
    reference::gemm(transpose_a, transpose_b, c.m, c.n, c.k, a.data(), lda, b.data(), ldb, wanted.data(), ldc,
                    add);
    CHECK(difference(actual, wanted) == "");
  }
}

TEST_CASE("products of packed matrices equal the reference for every instruction set") {
  for_each_product([](const KernelTable&, const ProductKernels& products) {
    for (const GemmCase& c : gemm_cases()) {
      if (c.size == CaseSize::huge) continue;
      INFO(describe(c));
      for (const bool transpose_a : {false, true}) {
        for (const bool transpose_b : {false, true}) {
          for (const bool add : {false, true}) check_product(products, c, transpose_a, transpose_b, add);
        }
      }
    }
  });
}

TEST_CASE("products that pack the next operand pack it as pack_right does, for every instruction set") {
  for_each_product([](const KernelTable&, const ProductKernels& products) {
    for (const GemmCase& c : gemm_cases()) {
      if (c.size == CaseSize::huge) continue;
      INFO(describe(c));
      const Index ldb = c.n + 1;
      const Index ldc = c.n + 3;
      const std::vector<float> a = integers(c.m * c.k, 1), b = integers(c.k * ldb, 2);
      Packed packed(products, c, false, false, a, c.k, b, ldb);
      // Of another shape than the product at hand: more than its gaps hold, and with odd edges.
      for (const Index next_k : {Index{0}, c.k, Index{2 * c.k + 2}}) {
        for (const Index next_n : {c.n, Index{64}}) {
          CAPTURE(next_k, next_n);
          const std::vector<float> next = integers(next_k * (next_n + 2), 5);
          const Index size = products.packed_right_size(next_k, next_n);
          Guarded<float> wanted(size), got(size);
          products.pack_right(wanted.data(), next.data(), next_n + 2, false, next_k, next_n);
          std::vector<float> expected = integers(c.m * ldc, 3);
          Guarded<float> actual(expected);
          reference::gemm(false, false, c.m, c.n, c.k, a.data(), c.k, b.data(), ldb, expected.data(), ldc,
                          true);
          products.from_f32.product(actual.data(), ldc, packed.left.data(), packed.right.data(), c.m, c.n, c.k,
                                    true, {next.data(), next_n + 2, next_k, next_n, got.data()});
          CHECK(difference(actual, expected) == "");
          CHECK(std::memcmp(got.data(), wanted.data(), static_cast<std::size_t>(size) * sizeof(float)) == 0);
          CHECK(got.intact());
        }
      }
    }
  });
}

template <typename Value>
void check_stored(const ProductKernels& products, const RightKernels& right, const GemmCase& c,
                  const std::vector<float>& b, const std::vector<Value>& stored) {
  const std::vector<float> a = integers(c.m * c.k, 1);
  Packed packed(products, c, false, false, a, c.k, b, c.n);
  const Index size = products.packed_right_size(c.k, c.n);
  Guarded<float> first(size), next(size);
  right.pack({stored.data(), c.n, c.k, c.n, first.data()});
  std::vector<float> expected = integers(c.m * c.n, 3);
  Guarded<float> actual(expected);
  right.product(actual.data(), c.n, packed.left.data(), first.data(), c.m, c.n, c.k, true,
                {stored.data(), c.n, c.k, c.n, next.data()});
  reference::gemm(false, false, c.m, c.n, c.k, a.data(), c.k, b.data(), c.n, expected.data(), c.n, true);
  CHECK(difference(actual, expected) == "");
  for (Guarded<float>* got : {&first, &next}) {
    CHECK(got->intact());
    CHECK(std::memcmp(got->data(), packed.right.data(), static_cast<std::size_t>(size) * sizeof(float)) == 0);
  }
}

TEST_CASE("right operands stored in fewer bits are packed as floats are, for every instruction set") {
  for_each_product([](const KernelTable&, const ProductKernels& products) {
    for (const GemmCase& c : gemm_cases()) {
      if (c.size == CaseSize::huge || c.k == 0) continue;
      INFO(describe(c));
      const std::vector<float> b = integers(c.k * c.n, 2);
      check_stored(products, products.from_f32, c, b, b);
      check_stored(products, products.from_bf16, c, b, upper_halves(b));
      check_stored(products, products.from_int8, c, b, converted<std::int8_t>(b));
    }
  });
}

void check_thin_products(const ThinProducts& products) {
  for (const Index m : {1, 8, 13, 33}) {
    for (const Index n : {1, 2, 5, 16, 31, 48, 50, 67, 129}) {
      for (const Index k : {1, 7, 16, 45, 300}) {
        CAPTURE(m, n, k);
        const Index lda = k + 3, ldb = k + 2, ldc = n + 1;
        const std::vector<float> a = integers(m * lda, 1), b = integers(n * ldb, 2);
        Guarded<float> packed(products.packed_size(k, n));
        products.pack_right(packed.data(), b.data(), ldb, k, n);
        for (const bool add : {false, true}) {
          std::vector<float> expected = integers(m * ldc, 3);
          Guarded<float> actual(expected);
          reference::gemm(false, true, m, n, k, a.data(), lda, b.data(), ldb, expected.data(), ldc, add);
          products.product(actual.data(), ldc, a.data(), lda, packed.data(), m, n, k, add);
          CHECK(difference(actual, expected) == "");
        }
        CHECK(packed.intact());
      }
    }
  }
}

TEST_CASE("products of few columns equal the reference for every instruction set") {
  for_each_isa([](const KernelTable& table) {
    check_thin_products(table.thin_f32);
    if (table.thin_bf16 != nullptr) check_thin_products(*table.thin_bf16);
  });
}

TEST_CASE("a packed product cut along the summed axis has the bits of the whole") {
  for_each_product([](const KernelTable&, const ProductKernels& products) {
    const GemmCase whole{CaseSize::small, 23, 70, 90};
    const std::vector<float> a = reals(whole.m * whole.k, 1);
    const std::vector<float> b = reals(whole.k * whole.n, 2);
    Packed packed(products, whole, false, false, a, whole.k, b, whole.n);
    std::vector<float> expected(static_cast<std::size_t>(whole.m * whole.n));
    products.packed_product(expected.data(), whole.n, packed.left.data(), packed.right.data(), whole.m, whole.n,
                            whole.k, false, nullptr);
    std::vector<float> actual(expected.size());
    for (Index k = 0; k < whole.k; k += 64) {
      const GemmCase part{CaseSize::small, whole.m, whole.n, std::min<Index>(64, whole.k - k)};
      std::vector<float> left(static_cast<std::size_t>(products.packed_left_size(part.m, part.k)));
      std::vector<float> right(static_cast<std::size_t>(products.packed_right_size(part.k, part.n)));
      products.pack_left(left.data(), a.data() + k, whole.k, false, part.m, part.k);
      products.pack_right(right.data(), b.data() + k * whole.n, whole.n, false, part.k, part.n);
      products.packed_product(actual.data(), whole.n, left.data(), right.data(), part.m, part.n, part.k, k > 0,
                              nullptr);
    }
    CHECK(actual == expected);
  });
}

TEST_CASE("adam on a product gives what the product and then adam give") {
  const AdamParameters parameters{0.9f, 0.99f, 1e-3f, 0.01f, 3.0f, 0.05f, 0.0f};
  for_each_product([&](const KernelTable& table, const ProductKernels& products) {
    for (const Index rows : {1, 5, 10, 13, 40, 70}) {
      for (const Index k : {0, 1, 7, 50, 128}) {
        for (const Index columns :
             {products.packed_column_multiple, 5 * products.packed_column_multiple, Index{1024} + 32}) {
          CAPTURE(rows, columns, k);
          const GemmCase c{CaseSize::small, rows, columns, k};
          const std::vector<float> x = reals(k * (rows + 3), 1), d = reals(k * columns, 2);
          Packed packed(products, c, true, false, x, rows + 3, d, columns);
          std::vector<float> g(static_cast<std::size_t>(rows * columns));
          products.packed_product(g.data(), columns, packed.left.data(), packed.right.data(), rows, columns, k,
                                  false, nullptr);
          std::vector<float> w = reals(rows * columns, 3), m = reals(rows * columns, 4),
                             v = reals(rows * columns, 5);
          for (float& value : v) value = std::abs(value);
          Guarded<float> w_actual(w), m_actual(m), v_actual(v),
              workspace(products.adam_product_workspace(rows, columns, k));
          table.adam(w.data(), m.data(), v.data(), g.data(), rows * columns, parameters);
          products.adam_product(w_actual.data(), m_actual.data(), v_actual.data(), rows, columns, x.data(),
                                rows + 3, packed.right.data(), k, parameters, workspace.data());
          CHECK(difference(w_actual, w) == "");
          CHECK(difference(m_actual, m) == "");
          CHECK(difference(v_actual, v) == "");
          CHECK(workspace.intact());

          std::vector<float> w_half = reals(rows * columns, 3);
          const std::vector<std::uint16_t> noise = halves(Dither::kSize, 6);
          std::vector<std::uint16_t> m_half = halves(rows * columns, 7), v_half = halves(rows * columns, 8);
          Guarded<float> w_half_actual(w_half);
          Guarded<std::uint16_t> m_half_actual(m_half), v_half_actual(v_half);
          const Dither dither{noise.data(), 32};
          table.adam_half(w_half.data(), m_half.data(), v_half.data(), g.data(), rows * columns, parameters,
                          dither);
          products.adam_product_half(w_half_actual.data(), m_half_actual.data(), v_half_actual.data(), rows,
                                     columns, x.data(), rows + 3, packed.right.data(), k, parameters, dither,
                                     workspace.data());
          CHECK(difference(w_half_actual, w_half) == "");
          CHECK(difference(m_half_actual, m_half) == "");
          CHECK(difference(v_half_actual, v_half) == "");
        }
      }
    }
  });
}

TEST_CASE("channels-last copies and back, with and without a mask") {
  for_each_isa([](const KernelTable& table) {
    for (const Index channels : {16, 48}) {
      for (const Index pixels : {1, 5, 16, 70, 144}) {
        CAPTURE(channels, pixels);
        const std::vector<float> x = reals(channels * pixels, 1), mask = integers(channels * pixels, 2, -1, 1);
        std::vector<float> last(x.size()), masked(x.size());
        for (Index c = 0; c < channels; ++c) {
          for (Index p = 0; p < pixels; ++p) {
            const std::size_t from = static_cast<std::size_t>(c * pixels + p);
            const std::size_t to = static_cast<std::size_t>(p * channels + c);
            last[to] = x[from];
            masked[to] = mask[from] > 0 ? x[from] : 0.0f;
          }
        }
        Guarded<float> actual(channels * pixels), back(channels * pixels), actual_masked(channels * pixels);
        table.to_channels_last(actual.data(), x.data(), nullptr, channels, pixels);
        table.to_channels_last(actual_masked.data(), x.data(), mask.data(), channels, pixels);
        table.from_channels_last(back.data(), last.data(), channels, pixels);
        CHECK(difference(actual, last) == "");
        CHECK(difference(actual_masked, masked) == "");
        CHECK(difference(back, x) == "");
      }
    }
  });
}

}  // namespace
