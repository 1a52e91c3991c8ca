#include <string>
#include <string_view>

#include "kernels/haar.hpp"
#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

TEST_CASE("the plainest and the widest kernels are the first and the last of those available") {
  REQUIRE(is_available(plainest_isa()));
  CHECK(is_available(Isa::base) != is_available(Isa::neon));
  CHECK(plainest_isa() == (is_available(Isa::neon) ? Isa::neon : Isa::base));
  Isa last = plainest_isa();
  for (const Isa isa : kIsas) {
    const KernelTable* table = kernel_table(isa);
    CHECK((table != nullptr) == is_available(isa));
    CHECK((haar_kernels(isa) != nullptr) == is_available(isa));
    if (table == nullptr) continue;
    CHECK(std::string(table->isa) == isa_name(isa));
    last = isa;
  }
  CHECK(widest_isa() == last);
}

TEST_CASE("each table is complete and bears its name") {
  for_each_isa([](const KernelTable& table) {
    // A name, function pointers and integers of their size that are not zero either.
    std::array<void*, sizeof(KernelTable) / sizeof(void*)> entries;
    std::memcpy(entries.data(), &table, sizeof(table));
    const std::size_t optional = 2;  // the first ones
    for (std::size_t i = optional; i < entries.size(); ++i) {
      CAPTURE(i);
      CHECK(entries[i] != nullptr);
    }
    const bool has_tiles = table.isa == std::string_view("amx");
    CHECK((table.tile_conv != nullptr) == has_tiles);
    CHECK((table.thin_bf16 != nullptr) == has_tiles);
  });
}

// Rows are longer than needed, and what lies between them must survive.
void check_gemm(const KernelTable& table, const GemmCase& c, bool transpose_a, bool transpose_b, bool add) {
  CAPTURE(transpose_a, transpose_b, add);
  const Index lda = (transpose_a ? c.m : c.k) + 2;
  const Index ldb = (transpose_b ? c.k : c.n) + 1;
  const Index ldc = c.n + 3;
  const std::vector<float> a = integers((transpose_a ? c.k : c.m) * lda, 1);
  const std::vector<float> b = integers((transpose_b ? c.n : c.k) * ldb, 2);
  std::vector<float> expected = integers(c.m * ldc, 3);
  Guarded<float> actual(expected);
  reference::gemm(transpose_a, transpose_b, c.m, c.n, c.k, a.data(), lda, b.data(), ldb, expected.data(), ldc,
                  add);
  table.gemm(transpose_a, transpose_b, c.m, c.n, c.k, a.data(), lda, b.data(), ldb, actual.data(), ldc, add);
  CHECK(difference(actual, expected) == "");
}

TEST_CASE("matrix products equal the reference for every instruction set") {
  for_each_isa([](const KernelTable& table) {
    for (const GemmCase& c : gemm_cases()) {
      if (c.size == CaseSize::huge) continue;
      INFO(describe(c));
      for (const bool transpose_a : {false, true}) {
        for (const bool transpose_b : {false, true}) {
          for (const bool add : {false, true}) check_gemm(table, c, transpose_a, transpose_b, add);
        }
      }
    }
  });
}

TEST_CASE("a matrix product that does not add never reads what the output held") {
  for_each_isa([](const KernelTable& table) {
    for (const GemmCase& c : gemm_cases()) {
      if (c.size != CaseSize::small) continue;
      INFO(describe(c));
      const std::vector<float> a = integers(c.m * c.k, 1);
      const std::vector<float> b = integers(c.k * c.n, 2);
      std::vector<float> expected(static_cast<std::size_t>(c.m * c.n));
      Guarded<float> actual(c.m * c.n);
      reference::gemm(false, false, c.m, c.n, c.k, a.data(), c.k, b.data(), c.n, expected.data(), c.n, false);
      table.gemm(false, false, c.m, c.n, c.k, a.data(), c.k, b.data(), c.n, actual.data(), c.n, false);
      CHECK(difference(actual, expected) == "");
    }
  });
}

}  // namespace
